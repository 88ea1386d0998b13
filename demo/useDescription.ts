import { computed, inject, provide, type ComputedRef, type InjectionKey } from 'vue'
import {
  titleOf,
  useTraceDescription,
  type DomainDescription,
  type SourceDescription,
} from 'vue-trace-progress'
import { useTexts } from './texts.js'

type Described = ReturnType<typeof useTraceDescription>

const DESCRIPTION: InjectionKey<Described> = Symbol('description')

/** Asks the server once, for all pages. To be called by the app. */
export function provideDescription(): Described {
  const described = useTraceDescription()
  provide(DESCRIPTION, described)
  return described
}

/** What the server says of itself, in the language of the page. */
export function useDescription() {
  const described = inject(DESCRIPTION)
  if (!described) throw new Error('No description is provided')
  const { locale } = useTexts()
  const description: ComputedRef<SourceDescription | null> = computed(() => described.description.value)
  const domains = computed(() => new Map(description.value?.domains.map((domain) => [domain.name, domain])))
  const profiles = computed(() => new Map(description.value?.profiles.map((each) => [each.name, each])))
  return {
    description,
    domainOf: (name: string): DomainDescription | undefined => domains.value.get(name),
    profileOf: (name: string) => profiles.value.get(name),
    /** The title of something described, else its name. */
    titled: (item: Parameters<typeof titleOf>[0]) => titleOf(item, locale.value),
    domainTitle: (name: string) => titleOf(domains.value.get(name) ?? { name }, locale.value),
  }
}
