/**
 * Work that gives indices of rows, in steps: whoever drives it may stop between two of them. Blocking
 * callers `finish` it; pages drive it with `workInSlices`.
 */
export type RowWork = Generator<void, Uint32Array>

/** Steps between two places to stop. */
export const STEPS = 256

/** Does all of the work at once. */
export function finish<T>(work: Generator<void, T>): T {
  for (;;) {
    const { done, value } = work.next()
    if (done) return value
  }
}
