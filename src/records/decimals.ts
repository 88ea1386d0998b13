import { exactNumber } from '../json/parseExactly.js'

const DECIMAL = /^([+-]?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/

/** Longer numbers count as text: comparing them would block the page. */
const MAX_LENGTH = 1000

/** Whether a text is nothing but a number; `12E5` is a lot's name, unless it is a JSON number kept as text. */
export function isNumericText(text: string): boolean {
  const match = text.length > MAX_LENGTH ? null : DECIMAL.exec(text)
  return match !== null && (match[4] === undefined || exactNumber(text) === null)
}

/** Whether a text may be a JSON number that no double can hold: such numbers are read as they are written. */
export function isKeptNumber(text: string): boolean {
  return isNumericText(text) && exactNumber(text) === null
}

/** Which of two decimal numbers is greater, exactly, however many digits they have. */
export function compareDecimals(a: string, b: string): number {
  const [x, y] = [readDecimal(a), readDecimal(b)]
  if (x.sign !== y.sign || x.exponent !== y.exponent)
    return x.sign - y.sign || x.sign * (x.exponent - y.exponent)
  const length = Math.max(x.digits.length, y.digits.length)
  const [more, less] = [x.digits.padEnd(length, '0'), y.digits.padEnd(length, '0')]
  return more === less ? 0 : more > less ? x.sign : -x.sign
}

/** 0.`digits` times ten to the power of `exponent`. */
function readDecimal(text: string): { sign: number; digits: string; exponent: number } {
  const [, sign, whole = '', decimals = '', power = '0'] = DECIMAL.exec(text) ?? []
  const digits = (whole + decimals).replace(/^0+/, '')
  if (digits === '') return { sign: 0, digits, exponent: 0 }
  return { sign: sign === '-' ? -1 : 1, digits, exponent: digits.length - decimals.length + Number(power) }
}
