/**
 * What a double makes of a JSON number, or `null` when it would make another number of it: whole numbers beyond 2^53 - 1
 * merge with their neighbours, and 1e400 is Infinity. Such numbers stay the text they are written as.
 *
 * @param token a JSON number
 */
export function exactNumber(token: string): number | null {
  const value = Number(token)
  if (Math.abs(value) <= Number.MAX_SAFE_INTEGER) return value
  return Number.isFinite(value) && !/^-?\d+$/.test(token) ? value : null
}

/** A cheap test without misses: digits or exponents as long as those of numbers that are kept as text. */
const MAY_BE_INEXACT = /(?:^|[[,:\s])-?(?:\d{16}|\d[\d.]*e\+?\d{3})/i

const NUMBER = /-?\d[\d.eE+-]*/g

/**
 * `JSON.parse`, but numbers that a double cannot hold are the texts they were written as (`exactNumber`).
 *
 * @throws {SyntaxError} when `text` is no JSON
 */
export function parseExactly(text: string): unknown {
  const value: unknown = JSON.parse(text)
  return MAY_BE_INEXACT.test(text) ? JSON.parse(withInexactQuoted(text)) : value
}

/** @param text JSON, so that what looks like a number between its texts is one */
function withInexactQuoted(text: string): string {
  let quoted = ''
  for (let p = 0; p < text.length;) {
    const quote = text.indexOf('"', p)
    const between = text.slice(p, quote === -1 ? text.length : quote)
    quoted += between.replace(NUMBER, (token) => (exactNumber(token) === null ? `"${token}"` : token))
    if (quote === -1) break
    p = closingQuote(text, quote) + 1
    quoted += text.slice(quote, p)
  }
  return quoted
}

/** The position of the quote that closes the text opened at `open`; -1 when none does. */
export function closingQuote(json: string, open: number): number {
  for (let p = json.indexOf('"', open + 1); p !== -1; p = json.indexOf('"', p + 1)) {
    let from = p
    while (json[from - 1] === '\\') from--
    if ((p - from) % 2 === 0) return p
  }
  return -1
}
