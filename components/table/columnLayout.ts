import { isKeptNumber } from '../../src/records/decimals.js'
import { createTimeTest } from '../../src/records/wallTime.js'
import { cellText } from './cellText.js'

/** What a sample of a column's values says of its layout. */
export interface ValuesLayout {
  /** Width of the widest, up to `MAX_CH`. */
  widthCh: number
  isNumeric: boolean
}

/** How one column is shown. */
export interface ColumnLayout {
  name: string
  heading: string
  /** Width in `ch`, of its heading and a sample of its values. */
  widthCh: number
  isNumeric: boolean
}

const MIN_CH = 6
const MAX_CH = 36
/** Padding of a cell, 16 px, at the table's size of text. */
const PADDING_CH = 2.3
/** Beside a heading: the mark of the sort order. */
const MARK_CH = 2
/** A heading's weight makes it wider. */
const BOLDNESS = 1.09
/** Longest heading that its column is wide enough for. */
const MAX_HEADING_CH = 200

export function valuesLayout(sample: readonly unknown[]): ValuesLayout {
  const values = sample.filter((value) => value !== null && value !== undefined)
  const times = createTimeTest()
  values.every((value) => times.see(value))
  const widths = values.map((value) => textCh(cellText(value, times.isTime()), MAX_CH))
  return {
    widthCh: Math.min(Math.max(0, ...widths), MAX_CH),
    isNumeric: values.length > 0 && values.every(isNumber),
  }
}

export function columnLayout(name: string, heading: string, values = valuesLayout([])): ColumnLayout {
  const headingCh = Math.min(textCh(heading, MAX_HEADING_CH) * BOLDNESS, MAX_HEADING_CH) + MARK_CH
  const widthCh = Math.ceil(Math.max(headingCh, values.widthCh, MIN_CH) + PADDING_CH)
  return { name, heading, widthCh, isNumeric: values.isNumeric }
}

/** Whether a cell may not show all of its text. */
export function mayBeCut(text: string, { widthCh }: ColumnLayout): boolean {
  return textCh(text, widthCh) + PADDING_CH > widthCh
}

/** Numbers beyond 2^53 are text. */
function isNumber(value: unknown): boolean {
  return typeof value === 'number' || (typeof value === 'string' && isKeptNumber(value))
}

/**
 * Width in `ch`, the width of a 0. Capitals are wider than figures, CJK glyphs nearly twice as wide; the factors
 * are of Segoe UI, Roboto, Noto Sans and Arial, the widest of them.
 *
 * @param most width behind which it does not matter
 */
function textCh(text: string, most: number): number {
  let width = 0
  for (const character of text) {
    width += characterCh(character)
    if (width > most) break
  }
  return width
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
