/** A look-up table per byte of a 4-byte step ("slicing by 4"): four times a bytewise loop. */
function makeTables(): Uint32Array[] {
  const tables = [0, 1, 2, 3].map(() => new Uint32Array(256))
  for (let n = 0; n < 256; n++) {
    let crc = n
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1
    tables[0]![n] = crc
  }
  for (let n = 0; n < 256; n++) {
    for (let k = 1; k < 4; k++) {
      const before = tables[k - 1]![n]!
      tables[k]![n] = (before >>> 8) ^ tables[0]![before & 0xff]!
    }
  }
  return tables
}

const POLYNOMIAL = 0xedb88320
const [T0, T1, T2, T3] = makeTables() as [Uint32Array, Uint32Array, Uint32Array, Uint32Array]

/** CRC-32 as gzip's (RFC 1952), for where there is no zlib. */
export function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff
  let at = 0
  for (const end = bytes.length - 3; at < end; at += 4) {
    crc ^= bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
    crc = T3[crc & 0xff]! ^ T2[(crc >>> 8) & 0xff]! ^ T1[(crc >>> 16) & 0xff]! ^ T0[crc >>> 24]!
  }
  for (; at < bytes.length; at++) crc = T0[(crc ^ bytes[at]!) & 0xff]! ^ (crc >>> 8)
  return (crc ^ 0xffffffff) >>> 0
}

/**
 * CRC-32 of two texts one after the other, from theirs and the length of the second: what lets stored chunks
 * become one gzip member without being read again.
 *
 * Appending `n` zero bits to a text multiplies its CRC's polynomial by x^n; x^(8·length) is a product of `POWERS`.
 */
export function combineCrc32(first: number, second: number, secondBytes: number): number {
  let shifted = first >>> 0
  for (let length = secondBytes, n = 0; length > 0; length = Math.floor(length / 2), n++) {
    if (length % 2 === 1) shifted = multiply(POWERS[n]!, shifted)
  }
  return (shifted ^ second) >>> 0
}

/** The polynomial 1: bits are reflected, so the highest bit is x^0. */
const ONE = 0x80000000

/** x^(8·2^n): squared once, since every follower of a log combines every chunk. */
const POWERS = makePowers()

function makePowers(): Uint32Array {
  const powers = new Uint32Array(53)
  powers[0] = ONE >>> 8
  for (let n = 1; n < powers.length; n++) powers[n] = multiply(powers[n - 1]!, powers[n - 1]!)
  return powers
}

/** Product of two polynomials modulo CRC-32's. */
function multiply(a: number, b: number): number {
  let product = 0
  let factor = b
  for (let bit = ONE; bit !== 0; bit >>>= 1) {
    if (a & bit) product ^= factor
    factor = factor & 1 ? (factor >>> 1) ^ POLYNOMIAL : factor >>> 1
  }
  return product >>> 0
}
