import { exactNumber } from '../../json/parseExactly.js'

const MINUS = 0x2d
const POINT = 0x2e
const ZERO = 0x30

/** Whole numbers of up to 15 digits are exact, and so are these: their quotient is rounded once, correctly. */
const POWERS_OF_TEN = Array.from({ length: 16 }, (_, n) => 10 ** n)
const MAX_DIGITS = 15

/**
 * Reads the JSON number at `p` into `numbers[index]`, to the bit what `JSON.parse` makes of it; NaN stands for one that
 * a double cannot hold, and which stays text. Gives the position behind it, or -1 when there is none.
 */
export function scanNumber(bytes: Uint8Array, p: number, numbers: Float64Array, index: number): number {
  const isNegative = bytes[p] === MINUS
  const start = isNegative ? p + 1 : p
  let q = start
  let digits = 0
  let digit = bytes[q]! - ZERO
  while (digit >= 0 && digit <= 9) {
    digits = digits * 10 + digit
    digit = bytes[++q]! - ZERO
  }
  const whole = q - start
  if (whole === 0 || (whole > 1 && bytes[start] === ZERO)) return -1
  let decimals = 0
  if (bytes[q] === POINT) {
    const point = q
    digit = bytes[++q]! - ZERO
    while (digit >= 0 && digit <= 9) {
      digits = digits * 10 + digit
      digit = bytes[++q]! - ZERO
    }
    decimals = q - point - 1
    if (decimals === 0) return -1
  }
  const hasExponent = (bytes[q]! | 0x20) === 0x65
  if (whole + decimals > MAX_DIGITS || hasExponent) {
    if (decimals > 0 || hasExponent) return parseNumber(bytes, p, q, numbers, index)
    // Counted exactly up to there.
    if (digits > Number.MAX_SAFE_INTEGER) digits = NaN
  }
  const value = decimals === 0 ? digits : digits / POWERS_OF_TEN[decimals]!
  numbers[index] = isNegative ? -value : value
  return q
}

/** A long number, or one with an exponent behind `q`. */
function parseNumber(bytes: Uint8Array, p: number, q: number, numbers: Float64Array, index: number): number {
  let end = q
  while (isPartOfNumber(bytes[end]!)) end++
  try {
    const token = String.fromCharCode(...bytes.subarray(p, end))
    JSON.parse(token)
    numbers[index] = exactNumber(token) ?? NaN
    return end
  } catch {
    return -1
  }
}

function isPartOfNumber(byte: number): boolean {
  return (byte >= ZERO && byte <= 0x39) || byte === MINUS || byte === 0x2b || (byte | 0x20) === 0x65
}
