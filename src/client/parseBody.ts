import { parseJsonInSteps, readChunks } from '../ndjson/index.js'
import { createSlicer, runInSlices } from '../records/index.js'

/**
 * A body as JSON. Read and parsed in slices: an answer of 57,000 seeds would hold the page for 150 ms.
 *
 * @throws {SyntaxError} when it is none
 * @throws `signal.reason` on abort, and what reading throws
 */
export async function parseBody(body: ReadableStream<Uint8Array>, signal: AbortSignal): Promise<unknown> {
  const parts: Uint8Array[] = []
  const slicer = createSlicer()
  for await (const chunk of readChunks(body, signal)) {
    parts.push(chunk.slice())
    if (slicer.isDue()) await slicer.pause()
  }
  return await runInSlices(parseParts(parts), signal)
}

/** Joined in steps too: 142 MB, the rows of 20,000 containers, are 60 ms of copying. */
function* parseParts(parts: Uint8Array[]): Generator<void, unknown> {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let length = 0
  while (parts.length > 0) {
    // Let go of at once: the body is held once, not twice.
    const part = parts.shift()!
    whole.set(part, length)
    length += part.length
    yield
  }
  return yield* parseJsonInSteps(whole)
}
