import { createTraceDecoder } from '../records/columns/createTraceDecoder.js'

/** Longest time spent, in ms. */
const WARM_UP_MS = 25
const ROWS = 400

/**
 * Decodes a line of its own making until the engine has compiled the decoder: the first real line, 5,000 rows,
 * would else be read by slow code, and the first rows come some 60 ms later. A worker has nothing else to do yet.
 */
export function warmUp() {
  const until = performance.now() + WARM_UP_MS
  const bytes = new TextEncoder().encode(line())
  while (performance.now() < until) {
    const decoder = createTraceDecoder(bytes.length)
    // A generator works only as far as it is asked.
    for (const _ of decoder.lines(bytes));
  }
}

/** Rows as they come: values that repeat the row above, that come back, that are new; numbers, and none. */
function line(): string {
  const data = Array.from({ length: ROWS }, (_, i) => ({
    CONTAINERID: `4881038029${i >> 4}`,
    WORKCENTERNAME: `焊接_${i % 12}`,
    TRACKINTIMESTAMP: `2026-05-05 19:${10 + (i % 50)}:${i}`,
    TRACKINQTY: 23_750 + i,
    QTYCONSUMED: i / 8,
    FINISHEDRUNCARD: null,
    PJ_TYPE: 'SMA',
  }))
  return `${JSON.stringify({ type: 'records', domain: 'warm-up', batch: 0, count: ROWS, data })}\n`
}
