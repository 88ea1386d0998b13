import { parseJsonInSteps, readChunks, type ParseOptions } from '../ndjson/index.js'
import { joinBytesInSteps } from '../ndjson/joinBytes.js'
import { createSlicer, runInSlices } from '../records/index.js'

/**
 * A body as JSON, as `parseJsonInSteps` reads it. Read and parsed in slices: an answer of 57,000 seeds would hold the page
 * for 150 ms.
 *
 * @throws {SyntaxError} when it is none
 * @throws `signal.reason` on abort, and what reading throws
 */
export async function parseBody(
  body: ReadableStream<Uint8Array>,
  signal: AbortSignal,
  options?: ParseOptions,
): Promise<unknown> {
  const parts: Uint8Array[] = []
  const slicer = createSlicer()
  for await (const chunk of readChunks(body, signal)) {
    parts.push(chunk.slice())
    if (slicer.isDue()) await slicer.pause()
  }
  return await runInSlices(parseParts(parts, options), signal)
}

function* parseParts(parts: Uint8Array[], options?: ParseOptions): Generator<void, unknown> {
  return yield* parseJsonInSteps(yield* joinBytesInSteps(parts), options)
}
