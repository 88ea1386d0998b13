import type { TraceError } from '../errors.js'
import { en } from './en.js'
import type { MessageCatalogue, PartialCatalogue } from './MessageCatalogue.js'
import { zhHantTW } from './zhHantTW.js'

/** A language that comes with the package, or one that the user has added. */
export type Locale = 'en' | 'zh-Hant-TW' | (string & {})

/** Languages by their BCP 47 tag. */
export type Catalogues = Readonly<Record<string, PartialCatalogue>>

/** The languages that come with the package. */
export const CATALOGUES = { en, 'zh-Hant-TW': zhHantTW } as const satisfies Catalogues

/** Wait to speak of when the server named none, in seconds. */
const USUAL_WAIT_SECONDS = 60

/**
 * What to tell people of an error: what happened, and what to do.
 *
 * @param locale default `en`; a language that is not there is shown in English
 * @param catalogues languages of the user's own, before those of the package
 */
export function messageOf(error: TraceError, locale: Locale = 'en', catalogues: Catalogues = {}): string {
  const seconds = error.retryAfterMs === undefined ? USUAL_WAIT_SECONDS : Math.ceil(error.retryAfterMs / 1000)
  // A function as replacement: the server's words may contain `$&`.
  return textOf('errors', error.code, locale, catalogues)
    .replace('{seconds}', () => String(seconds))
    .replace('{message}', () => error.message)
}

/** One text in the language that comes nearest to `locale`. */
export function textOf<TKind extends keyof MessageCatalogue>(
  kind: TKind,
  key: keyof MessageCatalogue[TKind],
  locale: Locale = 'en',
  catalogues: Catalogues = {},
): string {
  const own = catalogueOf(locale, catalogues)?.[kind] as Partial<MessageCatalogue[TKind]> | undefined
  const builtIn = catalogueOf(locale, CATALOGUES)?.[kind] as Partial<MessageCatalogue[TKind]> | undefined
  return (own?.[key] ?? builtIn?.[key] ?? en[kind][key]) as string
}

/** `zh-Hant-TW` for `zh-TW`, `de` for `de-AT`: the same tag, else the same language. */
function catalogueOf(locale: string, catalogues: Catalogues): PartialCatalogue | undefined {
  if (Object.hasOwn(catalogues, locale)) return catalogues[locale]
  const language = locale.split('-')[0]
  const near = Object.keys(catalogues).find((tag) => tag.split('-')[0] === language)
  return near === undefined ? undefined : catalogues[near]
}
