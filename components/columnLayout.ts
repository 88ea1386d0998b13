/** How one column is shown. */
export interface ColumnLayout {
  name: string
  /** Width in `ch`, from its heading and a sample of its values. */
  widthCh: number
  isNumeric: boolean
}

/** A first screen of them: what the reader sees first is not cut. Of more, the first drawing was a longer task. */
export const SAMPLE_ROWS = 24
const MIN_CH = 6
const MAX_CH = 36
/** Padding of a cell, 16 px, at the table's size of text. */
const PADDING_CH = 2.3
/** Beside a heading: the mark of the sort order. */
const MARK_CH = 2

/** Columns and widths for a list, from its first rows; stays as it is while rows arrive, so nothing shifts. */
export function columnLayout(
  sample: readonly Record<string, unknown>[],
  names: readonly string[] | undefined,
  headings: Readonly<Record<string, string>> = {},
): ColumnLayout[] {
  const columns = names ?? [...new Set(sample.flatMap((row) => Object.keys(row)))]
  return columns.map((name) => {
    const values = sample.map((row) => row[name]).filter((value) => value !== null && value !== undefined)
    const heading = widthCh(headings[name] ?? name, 1.09) + MARK_CH
    const widest = Math.max(heading, ...values.map((value) => Math.min(widthCh(cellText(value)), MAX_CH)))
    return {
      name,
      widthCh: Math.ceil(Math.max(widest, MIN_CH) + PADDING_CH),
      isNumeric: values.length > 0 && values.every((value) => typeof value === 'number'),
    }
  })
}

/** A value as a cell shows it. */
export function cellText(value: unknown): string {
  if (value === null || value === undefined) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

/** Whether a cell may not show all of its text. */
export function mayBeCut(text: string, column: ColumnLayout): boolean {
  return widthCh(text) + PADDING_CH > column.widthCh
}

/**
 * Width in `ch`, the width of a 0. Capitals are wider than figures, CJK glyphs nearly twice as wide; the factors
 * are of Segoe UI, Roboto, Noto Sans and Arial, the widest of them.
 *
 * @param boldness how much wider the weight makes it
 */
function widthCh(text: string, boldness = 1): number {
  let width = 0
  for (const character of text) width += characterCh(character)
  return width * boldness
}

function characterCh(character: string): number {
  const code = character.codePointAt(0)!
  return code < 0x1100 ? (ASCII_CH[code] ?? 1.6) : 2
}

/** By code: every cell that scrolls in is measured, and matching expressions took a tenth of a table's JavaScript. */
const ASCII_CH = Array.from({ length: 128 }, (_, code) => {
  const character = String.fromCharCode(code)
  if (/[MWQ@%m]/.test(character)) return 1.6
  if (character === 'w') return 1.35
  return /[A-HK-Z]/.test(character) ? 1.25 : 1
})
