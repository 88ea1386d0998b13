/** `zh-Hant-TW` for `zh-TW`, `de` for `de-AT`: what is there under the same tag, else of the same language. */
export function nearestLanguage<T>(locale: string, texts: Readonly<Record<string, T>>): T | undefined {
  if (Object.hasOwn(texts, locale)) return texts[locale]
  const language = locale.split('-')[0]
  const near = Object.keys(texts).find((tag) => tag.split('-')[0] === language)
  return near === undefined ? undefined : texts[near]
}
