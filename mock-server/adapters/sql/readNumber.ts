import type { SqlValue } from './SqlDatabase.js'

/** Most digits of which every decimal number is one that JavaScript holds exactly. */
const EXACT_DIGITS = 15

/** `NaN` and `Infinity` stay text: JSON has no such numbers. */
export function readFloat(text: string): SqlValue {
  const number = Number(text)
  return Number.isFinite(number) ? number : text
}

/** A whole number beyond those that JavaScript holds exactly stays text. */
export function readWhole(text: string): SqlValue {
  const number = Number(text)
  return Number.isSafeInteger(number) ? number : text
}

export function readDecimal(text: string): SqlValue {
  const digits = text.replace(/^-?[0.]*/, '').replace('.', '').length
  if (digits <= EXACT_DIGITS) return readFloat(text)
  return text.includes('.') ? text : readWhole(text)
}
