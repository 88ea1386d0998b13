import { parseJsonInSteps, readChunks } from '../ndjson/index.js'
import { runInSlices } from '../records/index.js'

/**
 * A body as JSON. Parsed in slices: an answer of 57,000 seeds would hold the page for 150 ms.
 *
 * @throws {SyntaxError} when it is none
 * @throws `signal.reason` on abort, and what reading throws
 */
export async function parseBody(body: ReadableStream<Uint8Array>, signal: AbortSignal): Promise<unknown> {
  let bytes = new Uint8Array(16 * 1024)
  let length = 0
  for await (const chunk of readChunks(body, signal)) {
    if (length + chunk.length > bytes.length) {
      const larger = new Uint8Array(Math.max(length + chunk.length, 2 * bytes.length))
      larger.set(bytes.subarray(0, length))
      bytes = larger
    }
    bytes.set(chunk, length)
    length += chunk.length
  }
  return await runInSlices(parseJsonInSteps(bytes.subarray(0, length)), signal)
}
