import { readChunks } from '../../json/readChunks.js'
import { createTraceDecoder } from '../../records/columns/createTraceDecoder.js'

const BURSTS = 5
const BURST_MS = 20
/** In which the engine compiles, on threads of its own, and the page has the processor. */
const PAUSE_MS = 25

const LINES = 4
const ROWS_PER_LINE = 300

/**
 * Decodes lines of its own making, some 200 ms long and only while it `isNeeded`, so that the engine compiles the
 * decoder: a stream's first lines would else be read by slow code, and compiling keep both cores busy just while the
 * page draws its first rows. A worker has nothing else to do until a stream comes.
 */
export async function warmUp(isNeeded: () => boolean) {
  const bytes = new TextEncoder().encode(Array.from({ length: LINES }, (_, batch) => line(batch)).join(''))
  // When a buffer is transferred for the first time, Chromium throws away all that it has compiled for buffers. Reading
  // a body does it: now, and not by the first bytes of the stream.
  for await (const _ of readChunks(new Response(bytes).body!));
  // The first always: a stream that is there already has its first rows sooner for it.
  for (let burst = 0; burst === 0 || (burst < BURSTS && isNeeded()); burst++) {
    const until = performance.now() + BURST_MS
    while (performance.now() < until) {
      const decoder = createTraceDecoder(bytes.length)
      // A generator works only as far as it is asked.
      for (const _ of decoder.lines(bytes));
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
  }
}

/** Rows as they come: values that repeat the row above, that come back, that are new; numbers, and none. */
function line(batch: number): string {
  const data = Array.from({ length: ROWS_PER_LINE }, (_, i) => {
    const n = batch * ROWS_PER_LINE + i
    return {
      CONTAINERID: `4881038029${n >> 4}`,
      WORKCENTERNAME: `焊接_${n % 12}`,
      EQUIPMENTID: `4880a38${(n * 7919) % 331}`,
      TRACKINTIMESTAMP: `2026-05-05 19:${10 + (n % 50)}:${n}`,
      TRACKINQTY: 23_750 + n,
      QTYCONSUMED: n / 8,
      FINISHEDRUNCARD: n % 10 === 9 ? `RC${n >> 5}` : null,
      PJ_TYPE: 'SMA',
    }
  })
  return `${JSON.stringify({ type: 'records', domain: 'warm-up', batch, count: ROWS_PER_LINE, data })}\n`
}
