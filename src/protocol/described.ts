import type { ProfileDescription, Title } from './description.js'
import type { Direction } from './vocabulary.js'

// Apart from the schemas, which a page that asks for no description need not load.

/** The direction of a question's lineage. */
export function directionIn(
  { direction = 'backward' }: Pick<ProfileDescription, 'direction'>,
  params: Readonly<Record<string, unknown>>,
): Direction {
  if (direction !== 'asked') return direction
  return params.direction === 'forward' ? 'forward' : 'backward'
}

/** The domains of a question that names none. */
export function defaultDomainsIn(
  { domains }: Pick<ProfileDescription, 'domains'>,
  direction: Direction,
): string[] {
  return Array.isArray(domains) ? domains : domains[direction]
}

/** What to call something in a language; its name where it has no title. */
export function titleOf(
  { title, ...item }: { name?: string; value?: string; title?: Title },
  locale: string,
): string {
  if (title === undefined) return item.name ?? item.value ?? ''
  if (typeof title === 'string') return title
  return (locale.toLowerCase().startsWith('zh') && title['zh-Hant-TW']) || title.en
}
