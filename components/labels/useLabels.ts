import {
  computed,
  inject,
  toValue,
  type App,
  type ComputedRef,
  type InjectionKey,
  type MaybeRefOrGetter,
  type Plugin,
} from 'vue'
import { TRACE_SETTINGS } from '../../composables/createTrace/createTrace.js'
import type { Locale } from '../../src/messages/MessageCatalogue.js'
import { en } from './en.js'
import type { Labels } from './Labels.js'
import { zhHantTW } from './zhHantTW.js'

/** Labels by BCP 47 tag; what a language lacks is shown in English. */
export type LabelCatalogues = Readonly<Record<string, Partial<Labels>>>

const OWN: LabelCatalogues = { en, 'zh-Hant-TW': zhHantTW, zh: zhHantTW }

const TRACE_LABELS: InjectionKey<LabelCatalogues> = Symbol.for('vue-trace-progress.labels')

/** Languages of your own for the components, or other words: `app.use(createTraceLabels({ de: { retry: … } }))`. */
export function createTraceLabels(catalogues: LabelCatalogues): Plugin {
  return {
    install(app: App) {
      app.provide(TRACE_LABELS, catalogues)
    },
  }
}

export interface LabelTools {
  locale: string
  labels: Labels
  /** A label with its `{names}` filled in. */
  fill: (label: string, values: Record<string, string>) => string
  count: (value: number) => string
  /** A label about `{count}` of something, in the form of `one|many` that the number needs. */
  counted: (label: string, value: number) => string
  percent: (fraction: number) => string
  /** Seconds as a person says them: `0.4 s`, `40 s`, `3 min 20 s`, `2 h`. */
  duration: (seconds: number) => string
  clock: (unixSeconds: number) => string
}

/** Words, numbers and times of the component's language: its own `locale`, else the app's, else English. */
export function useLabels(own: MaybeRefOrGetter<Locale | undefined>): ComputedRef<LabelTools> {
  const settings = inject(TRACE_SETTINGS, {})
  const catalogues = inject(TRACE_LABELS, {})
  return computed(() => createLabelTools(toValue(own) ?? toValue(settings.locale) ?? 'en', catalogues))
}

function createLabelTools(locale: string, catalogues: LabelCatalogues): LabelTools {
  const language = locale.split('-')[0]!
  const found = [catalogues[locale], catalogues[language], OWN[locale], OWN[language]]
  const labels = Object.assign({}, ...[en, ...found.reverse()].filter(Boolean)) as Labels
  // Made when first asked for: a page's first of them cost 55 ms, and a table may never need one.
  const number = once(() => new Intl.NumberFormat(locale, { maximumFractionDigits: 0 }))
  const plural = once(() => new Intl.PluralRules(locale))
  const unit = (value: number, name: string) =>
    new Intl.NumberFormat(locale, {
      style: 'unit',
      unit: name,
      unitDisplay: 'short',
      maximumFractionDigits: 1,
    }).format(value)

  const fill = (label: string, values: Record<string, string>) =>
    label.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole)

  return {
    locale,
    labels,
    fill,
    count: (value) => number().format(value),
    counted(label, value) {
      const [one = label, many = one] = label.split('|')
      return fill(plural().select(value) === 'one' ? one : many, { count: number().format(value) })
    },
    percent: (fraction) => new Intl.NumberFormat(locale, { style: 'percent' }).format(fraction),
    duration(seconds) {
      // What took a moment did not take nothing.
      if (seconds > 0 && seconds < 0.95) return unit(Math.max(0.1, seconds), 'second')
      const whole = Math.max(0, Math.round(seconds))
      if (whole < 60) return unit(whole, 'second')
      const isLong = whole >= 3600
      const size = isLong ? 3600 : 60
      const rest = Math.floor((whole % size) / (size / 60))
      const parts = [unit(Math.floor(whole / size), isLong ? 'hour' : 'minute')]
      if (rest > 0) parts.push(unit(rest, isLong ? 'minute' : 'second'))
      return parts.join(' ')
    },
    clock: (unixSeconds) =>
      new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit' }).format(unixSeconds * 1000),
  }
}

function once<T>(make: () => T): () => T {
  let made: T | undefined
  return () => (made ??= make())
}
