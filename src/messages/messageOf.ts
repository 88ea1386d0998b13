import type { TraceError } from '../errors.js'
import { en } from './errors/en.js'
import { zhHantTW } from './errors/zhHantTW.js'
import type { Catalogues, Locale } from './MessageCatalogue.js'
import { nearestLanguage } from './nearestLanguage.js'

/** The languages that come with the package. */
const ERRORS = { en, 'zh-Hant-TW': zhHantTW }

/** Wait to speak of when the server named none, in seconds. */
const USUAL_WAIT_SECONDS = 60

/**
 * What to tell people of an error: what happened, and what to do.
 *
 * @param locale default `en`; a language that is not there is shown in English
 * @param catalogues languages of the user's own, before those of the package
 */
export function messageOf(error: TraceError, locale: Locale = 'en', catalogues: Catalogues = {}): string {
  const { code, message, retryAfterMs } = error
  const own = nearestLanguage(locale, catalogues)?.errors?.[code]
  const text = own ?? nearestLanguage(locale, ERRORS)?.[code] ?? en[code]
  const seconds = retryAfterMs === undefined ? USUAL_WAIT_SECONDS : Math.ceil(retryAfterMs / 1000)
  // A function as replacement: the server's words may contain `$&`.
  return text.replace('{seconds}', () => String(seconds)).replace('{message}', () => message)
}
