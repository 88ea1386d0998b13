/** How one column is shown. */
export interface ColumnLayout {
  name: string
  /** Width in `ch`, from its heading and a sample of its values. */
  widthCh: number
  isNumeric: boolean
}

const SAMPLE_ROWS = 50
const MIN_CH = 6
const MAX_CH = 36

/** Columns and widths for a list, from its first rows; stays as it is while rows arrive, so nothing shifts. */
export function columnLayout(
  sample: readonly Record<string, unknown>[],
  names: readonly string[] | undefined,
): ColumnLayout[] {
  const rows = sample.slice(0, SAMPLE_ROWS)
  const columns = names ?? [...new Set(rows.flatMap((row) => Object.keys(row)))]
  return columns.map((name) => {
    const values = rows.map((row) => row[name]).filter((value) => value !== null && value !== undefined)
    const widest = Math.max(widthCh(name), ...values.map((value) => widthCh(cellText(value))))
    return {
      name,
      widthCh: Math.min(Math.max(widest, MIN_CH), MAX_CH) + 2,
      isNumeric: values.length > 0 && values.every((value) => typeof value === 'number'),
    }
  })
}

/** A value as a cell shows it. */
export function cellText(value: unknown): string {
  if (value === null || value === undefined) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

/** Width in `ch`: characters beyond Latin count double, as CJK glyphs do. */
function widthCh(text: string): number {
  let width = 0
  for (const character of text) width += character.codePointAt(0)! >= 0x1100 ? 2 : 1
  return width
}
