import { wallTime } from './wallTime.js'

/** What is in quotes, of the keyboard or of a text program, or up to the end where they are not closed; or one word. */
const TERM = /["“”„]([^"“”„]*)["“”„]?|[^\s"“”„]+/g

/** What to look for: words, and phrases in quotes; all of them must be found. The longest first, as the rarest. */
export function searchTerms(text: string): string[] {
  const terms = Array.from(text.normalize('NFKC').matchAll(TERM), ([word, phrase]) =>
    folded(phrase ?? word).trim(),
  )
  return [...new Set(terms)].filter((term) => term !== '').sort((a, b) => b.length - a.length)
}

/** Printable ASCII without two blanks in a row: folding leaves it as it is, but for its capitals. */
const NEEDS_FOLDING = /[^ -~]| {2}/

/** A text without what a reader does not tell apart: case, full and half width, one accent or two characters, kinds of blanks. */
export function folded(text: string): string {
  if (!NEEDS_FOLDING.test(text)) return text.toLowerCase()
  // Up and down: ß becomes ss, and of the two small sigmas one is left.
  const lower = text.normalize('NFKC').toUpperCase().toLowerCase().replaceAll('ς', 'σ')
  return lower.normalize('NFKC').replace(/\s+/g, ' ')
}

/** What is looked at in a cell: it as it is, and a time also as tables show it. */
export function searchText(cell: unknown): string {
  if (cell === null || cell === undefined) return ''
  if (typeof cell === 'object') return JSON.stringify(cell)
  const text = String(cell)
  const time = wallTime(text)
  return time === null ? text : `${text} ${time}`
}

/** Longest text that is folded at once: it takes about a millisecond. */
export const PIECE_LENGTH = 20_000

/** Whether a text of any length has `term` in it, with places to stop. */
export function* isInLongText(term: string, text: string): Generator<void, boolean> {
  // A piece reaches into the next one by as much as can become the term: folding makes one character of four at most.
  const overlap = 4 * term.length
  for (let start = 0; start < text.length; start += PIECE_LENGTH) {
    yield
    if (folded(text.slice(start, start + PIECE_LENGTH + overlap)).includes(term)) return true
  }
  return false
}
