/** Work that gives indices of rows, step by step: `runAtOnce` drives it, or `runInSlices` on a page. */
export type RowWork = Generator<void, Uint32Array>

/** Steps between two places to stop. */
export const STEPS = 256
