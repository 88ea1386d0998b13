import { parseJsonInSteps, readChunks } from '../ndjson/index.js'
import { createKeyFilter } from '../ndjson/createKeyFilter.js'
import { joinBytesInSteps } from '../ndjson/joinBytes.js'
import { createSlicer, runInSlices } from '../records/index.js'

export interface ParseOptions {
  /** Which keys of the outermost map are of use; the others are left out while the body comes. Default: all. */
  wants?: (key: string) => boolean
}

/**
 * A body as JSON. Read and parsed in slices: an answer of 57,000 seeds would hold the page for 150 ms.
 *
 * @throws {SyntaxError} when it is none
 * @throws `signal.reason` on abort, and what reading throws
 */
export async function parseBody(
  body: ReadableStream<Uint8Array>,
  signal: AbortSignal,
  { wants }: ParseOptions = {},
): Promise<unknown> {
  const keep = wants ? createKeyFilter(wants) : (chunk: Uint8Array) => [chunk.slice()]
  const parts: Uint8Array[] = []
  const slicer = createSlicer()
  for await (const chunk of readChunks(body, signal)) {
    parts.push(...keep(chunk))
    if (slicer.isDue()) await slicer.pause()
  }
  return await runInSlices(parseParts(parts), signal)
}

function* parseParts(parts: Uint8Array[]): Generator<void, unknown> {
  return yield* parseJsonInSteps(yield* joinBytesInSteps(parts))
}
