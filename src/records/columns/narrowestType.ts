import type { PartType } from './PackedBatch.js'

/** The narrowest array type that gives each of `numbers` back to the bit. */
export function narrowestType(numbers: Float64Array): PartType {
  let least = 0
  let greatest = 0
  for (let i = 0; i < numbers.length; i++) {
    const value = numbers[i]!
    // -0 is a float's alone.
    if (!Number.isInteger(value) || Object.is(value, -0)) return floatType(numbers)
    if (value < least) least = value
    else if (value > greatest) greatest = value
  }
  if (least >= 0) {
    if (greatest < 2 ** 8) return 'u8'
    if (greatest < 2 ** 16) return 'u16'
    if (greatest < 2 ** 32) return 'u32'
  } else {
    if (least >= -(2 ** 7) && greatest < 2 ** 7) return 'i8'
    if (least >= -(2 ** 15) && greatest < 2 ** 15) return 'i16'
    if (least >= -(2 ** 31) && greatest < 2 ** 31) return 'i32'
  }
  return floatType(numbers)
}

function floatType(numbers: Float64Array): PartType {
  for (let i = 0; i < numbers.length; i++) if (Math.fround(numbers[i]!) !== numbers[i]) return 'f64'
  return 'f32'
}
