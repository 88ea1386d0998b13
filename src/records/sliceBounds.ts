/** The bounds that `Array.slice(from, to)` means in a list of `length`. */
export function sliceBounds(from: number, to: number, length: number): [from: number, to: number] {
  return [clamp(from, length), clamp(to, length)]
}

/** The index that `Array.at(i)` means in a list of `length`, or -1. */
export function atIndex(i: number, length: number): number {
  const index = i < 0 ? length + i : i
  return Number.isInteger(index) && index >= 0 && index < length ? index : -1
}

function clamp(i: number, length: number): number {
  const index = Math.trunc(i) || 0
  return index < 0 ? Math.max(length + index, 0) : Math.min(index, length)
}
