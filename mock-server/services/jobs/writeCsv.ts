import type { Row } from '../../ports/index.js'

const LINE_END = '\r\n'

/** Excel takes a file for UTF-8 when it begins with this. */
export const BYTE_ORDER_MARK = '\ufeff'

/**
 * What some spreadsheet would take for a formula, or for a cell that begins behind it; such text is shown with an
 * apostrophe in front. Where Chinese or Japanese is typed the full-width signs count too.
 */
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/
/** A number beyond 2^53, which is read as text. */
const LONG_NUMBER = /^-\d{16,}$/
const NEEDS_QUOTES = /[",\r\n]/

/** One line of RFC 4180 per row, the cells in the order of `columns`; LF ends become CR LF. */
export function csvLines(rows: readonly Row[], columns: readonly string[]): string {
  let text = ''
  for (const row of rows) {
    // A column `__proto__` or `constructor` is data, or is not there.
    text += csvLine(columns.map((column) => (Object.hasOwn(row, column) ? row[column] : null)))
  }
  return text
}

/** The names of the columns, as the first line. */
export function csvHeader(columns: readonly string[]): string {
  return csvLine(columns)
}

function csvLine(cells: readonly unknown[]): string {
  return cells.map(csvField).join(',') + LINE_END
}

/** Numbers stay numbers: a minus in front of one is no formula. */
function csvField(cell: unknown): string {
  if (cell === null || cell === undefined) return ''
  if (typeof cell === 'number' || typeof cell === 'boolean') return String(cell)
  const text = typeof cell === 'string' ? cell : JSON.stringify(cell)
  const safe = FORMULA.test(text) && !LONG_NUMBER.test(text) ? `'${text}` : text
  return NEEDS_QUOTES.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
