import { behindColon, parseJsonInSteps } from '../../json/parseJsonInSteps.js'
import { createKeyFilter } from '../../json/createKeyFilter.js'
import { joinBytesInSteps } from '../../json/bytes.js'
import { createSlicer, runInSlices } from '../../async/slices.js'

export interface ParseOptions {
  /** Which keys of the outermost map are of use; the others are left out while the body comes. Default: all. */
  wants?: (key: string) => boolean
  /** By key of the outermost map: what reads the JSON of its value, wanted or not. Of a repeated key, the last. */
  readers?: ReadonlyMap<string, (json: Uint8Array) => Generator<void>>
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
  { wants, readers }: ParseOptions = {},
): Promise<unknown> {
  const values = new Map<string, Uint8Array[]>()
  const keep =
    wants || readers
      ? createKeyFilter(wants ?? (() => true), takerOf)
      : (chunk: Uint8Array) => [chunk.slice()]
  const parts: Uint8Array[] = []
  const slicer = createSlicer()
  for await (const chunk of chunks) {
    parts.push(...keep(chunk))
    if (slicer.isDue()) await slicer.pause()
  }
  return await runInSlices(parseParts(), { signal })

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
