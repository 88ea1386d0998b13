import type { Catalogues, Locale, ProgressTexts, WaitReason } from './MessageCatalogue.js'
import { nearestLanguage } from './nearestLanguage.js'
import { en } from './progress/en.js'
import { zhHantTW } from './progress/zhHantTW.js'

/** The languages that come with the package. */
const PROGRESS = { en, 'zh-Hant-TW': zhHantTW }

/** What is going on, in the language that comes nearest to `locale`; in English where there is none. */
export function progressText<TKind extends keyof ProgressTexts>(
  kind: TKind,
  key: keyof ProgressTexts[TKind],
  locale: Locale = 'en',
  catalogues: Catalogues = {},
): string {
  const own = nearestLanguage(locale, catalogues)?.[kind] as Partial<ProgressTexts[TKind]> | undefined
  const builtIn = nearestLanguage<ProgressTexts>(locale, PROGRESS) ?? en
  return (own?.[key] ?? builtIn[kind][key]) as string
}

/** Why nothing comes, and for how long. */
export function waitText(
  reason: WaitReason,
  seconds: number | null,
  locale?: Locale,
  catalogues?: Catalogues,
): string {
  return progressText('waits', reason, locale, catalogues).replace('{seconds}', () => String(seconds ?? '…'))
}
