import { readChunks, type ByteSource } from '../../json/readChunks.js'
import { joinBytes } from '../../json/bytes.js'
import type { TransportResponse } from '../ports/TraceTransport.js'
import { asJson, readJson, reached } from '../http/sendRequest.js'

/** Longest body that is looked at as a whole. One that says where a job is has some 500 bytes. */
const START_BYTES = 16 * 1024

/** A JSON body whose end may be far away. */
export interface StartedBody {
  /** Its value; `undefined` of a long one. */
  json: unknown
  /** All of it. */
  bytes: ByteSource
}

/**
 * A body that is short, or has rows without end in it, and only its beginning tells which.
 *
 * @throws {TraceError} `UNEXPECTED_RESPONSE` when a short one is no JSON; `NETWORK_ERROR`
 * @throws `signal.reason` at once on abort
 */
export async function readStart(response: TransportResponse, signal: AbortSignal): Promise<StartedBody> {
  const { body } = response
  if (!body) {
    const json = await readJson(response, signal)
    return { json, bytes: bytesOf(new TextEncoder().encode(JSON.stringify(json))) }
  }
  const chunks = readChunks(body, signal)
  const parts: Uint8Array[] = []
  let length = 0
  let hasEnded = false
  await reached(signal, async () => {
    while (length < START_BYTES && !hasEnded) {
      const { done, value } = await chunks.next()
      if (done) hasEnded = true
      else {
        // A chunk is valid until the next one is asked for.
        parts.push(value.slice())
        length += value.length
      }
    }
  })
  const start = joinBytes(parts)
  if (!hasEnded) return { json: undefined, bytes: bytesOf(start, chunks) }
  const json = await asJson(response, () => JSON.parse(new TextDecoder().decode(start)) as unknown)
  return { json, bytes: bytesOf(start) }
}

async function* bytesOf(start: Uint8Array, more?: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield start
  if (more) yield* more
}
