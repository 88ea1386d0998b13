import { TraceError } from '../../errors.js'
import { parseJsonInSteps, readEntriesInSteps } from '../../json/parseJsonInSteps.js'
import { joinBytesInSteps, OPEN_MAP } from '../../json/bytes.js'
import { isText, isTextList } from '../../protocol/checks.js'
import { lineageAnswerInSteps, mergeLineageInSteps } from '../../protocol/index.js'
import type { ParseOptions } from '../http/readJson.js'

/** What stands for a lineage that the server gave no id. */
export interface CarriedLineage {
  /** CIDs that an events request asks for. */
  cidCount: number
  /** Members of that request. */
  eventsJson: Uint8Array<ArrayBuffer>
}

/**
 * Reads the maps of a lineage answer from their bytes, which go into the events request as they are: `readers` are for
 * the body of the answer, and `carry` for what they have found in it. Of 57,000 seeds the maps are 340,000 texts and
 * 57,000 keys: as objects of the page each collection of garbage visited them, for 16 of 25 ms.
 */
export function createLineageReader() {
  const json = new Map<string, Uint8Array>()
  const ancestors = new Set<string>()
  const children = new Map<string, string[]>()

  /** @throws {TraceError} from the reader, `UNEXPECTED_RESPONSE` */
  function mapReader<T>(
    name: string,
    check: (value: unknown) => value is T,
    take: (value: T, key: string) => void,
  ): [string, (bytes: Uint8Array) => Generator<void>] {
    return [
      name,
      function* (bytes) {
        if (bytes[0] !== OPEN_MAP) yield* lineageAnswerInSteps({ [name]: yield* parseJsonInSteps(bytes) })
        let wrong: unknown
        yield* readEntriesInSteps(bytes, (entries) => {
          for (let i = 0; i < entries.length; i += 2) {
            const value = entries[i + 1]
            if (check(value)) take(value, entries[i] as string)
            else wrong ??= { [entries[i] as string]: value }
          }
        })
        // Throws, with a message that names what is wrong.
        if (wrong) yield* lineageAnswerInSteps({ [name]: wrong })
        json.set(name, bytes)
      },
    ]
  }

  const readers: ParseOptions['readers'] = new Map([
    mapReader('ancestors', isTextList, (ids) => ids.forEach((id) => ancestors.add(id))),
    mapReader('children_map', isTextList, (ids, parent) => children.set(parent, ids)),
    mapReader('seed_roots', isText, () => {}),
  ])

  /** @throws {TraceError} `UNEXPECTED_RESPONSE` when the answer had no lineage */
  function* carry(seedIds: readonly string[]): Generator<void, CarriedLineage> {
    const isForward = json.has('children_map')
    if (!isForward && !json.has('ancestors')) {
      // To go on would ask for the seeds alone, and look like an answer.
      throw new TraceError('UNEXPECTED_RESPONSE', 'The lineage answer has neither a lineage nor an id of one')
    }
    const shape = isForward ? { childrenMap: children } : { ancestors: [ancestors] }
    const containerIds = yield* mergeLineageInSteps(seedIds, shape)
    const eventsJson = yield* encoded(eventsMembers(containerIds, seedIds))
    return { cidCount: containerIds.length, eventsJson }
  }

  function* eventsMembers(containerIds: readonly string[], seedIds: readonly string[]) {
    yield '"container_ids":'
    yield* listText(containerIds)
    yield ',"seed_container_ids":'
    yield* listText(seedIds)
    yield ',"lineage":{"ancestors":'
    yield json.get('ancestors') ?? '{}'
    yield ',"children_map":'
    yield json.get('children_map') ?? '{}'
    yield ',"seed_roots":'
    yield json.get('seed_roots') ?? '{}'
    yield '}'
  }

  return { readers, carry }
}

/** Items of a list that are written in one step. */
export const STEP_ITEMS = 1_000

/** A list as JSON, in parts. */
export function* listText(items: readonly unknown[]): Generator<string> {
  yield '['
  for (let from = 0; from < items.length; from += STEP_ITEMS) {
    const text = JSON.stringify(items.slice(from, from + STEP_ITEMS)).slice(1, -1)
    yield from === 0 ? text : `,${text}`
  }
  yield ']'
}

/** The bytes of what comes in parts, a step for each. */
export function* encoded(texts: Iterable<string | Uint8Array>): Generator<void, Uint8Array<ArrayBuffer>> {
  const encoder = new TextEncoder()
  const parts: Uint8Array[] = []
  for (const text of texts) {
    parts.push(typeof text === 'string' ? encoder.encode(text) : text)
    yield
  }
  return yield* joinBytesInSteps(parts)
}
