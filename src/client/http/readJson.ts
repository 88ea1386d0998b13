import type { Clock } from '../../async/clock.js'
import { createSlicer, runInSlices } from '../../async/slices.js'
import { TraceError } from '../../errors.js'
import { joinBytesInSteps } from '../../json/bytes.js'
import { createKeyFilter } from '../../json/createKeyFilter.js'
import { behindColon, parseJsonInSteps } from '../../json/parseJsonInSteps.js'
import { readChunks } from '../../json/readChunks.js'
import type { TransportResponse } from '../ports/TraceTransport.js'
import { reached } from './sendRequest.js'

export interface ParseOptions {
  /** Which keys of the outermost map are of use; the others are left out while the body comes. Default: all. */
  wants?: (key: string) => boolean
  /** By key of the outermost map: reads the JSON of its value, wanted or not. A repeated key counts once, the last. */
  readers?: ReadonlyMap<string, (json: Uint8Array) => Generator<void>>
  /** Measures the slices; default: the machine's own. */
  clock?: Clock
}

/**
 * The body of `response` as JSON.
 *
 * @throws {TraceError} `UNEXPECTED_RESPONSE` when it is something else
 */
export async function readJson(
  response: TransportResponse,
  signal: AbortSignal,
  options?: ParseOptions,
): Promise<unknown> {
  return await reached(signal, () =>
    asJson(response, async () => {
      if (response.body) return await parseBody(readChunks(response.body, signal), signal, options)
      const value = await response.json()
      // The transport streams nothing: the readers get bytes made of the value.
      if (!options?.readers) return value
      return await parseBody([new TextEncoder().encode(JSON.stringify(value))], signal, options)
    }),
  )
}

/** What `parse` makes of an answer's body. */
export async function asJson<T>({ status }: TransportResponse, parse: () => T | Promise<T>): Promise<T> {
  try {
    return await parse()
  } catch (cause) {
    if ((cause as Error | null)?.name !== 'SyntaxError') throw cause
    throw new TraceError('UNEXPECTED_RESPONSE', 'The answer is not JSON; is a proxy in between?', {
      cause,
      status,
    })
  }
}

/**
 * A body as JSON. Read and parsed in slices: an answer of 57,000 seeds would hold the page for 150 ms.
 *
 * @throws {SyntaxError} when it is none
 * @throws `signal.reason` on abort, and what reading throws
 */
export async function parseBody(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  signal: AbortSignal,
  { wants, readers, clock }: ParseOptions = {},
): Promise<unknown> {
  const values = new Map<string, Uint8Array[]>()
  const keep =
    wants || readers
      ? createKeyFilter(wants ?? (() => true), takerOf)
      : (chunk: Uint8Array) => [chunk.slice()]
  const parts: Uint8Array[] = []
  const slicer = createSlicer({ clock })
  for await (const chunk of chunks) {
    parts.push(...keep(chunk))
    if (slicer.isDue()) await slicer.pause()
  }
  return await runInSlices(parseParts(), { signal, clock })

  function takerOf(key: string) {
    if (!readers?.has(key)) return undefined
    const valueParts: Uint8Array[] = []
    values.set(key, valueParts)
    return (part: Uint8Array) => valueParts.push(part)
  }

  function* parseParts(): Generator<void, unknown> {
    const value = yield* parseJsonInSteps(yield* joinBytesInSteps(parts))
    for (const [key, valueParts] of values) {
      yield* readers!.get(key)!(behindColon(yield* joinBytesInSteps(valueParts)))
    }
    return value
  }
}
