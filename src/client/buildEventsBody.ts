import { mergeLineage, normalizeIds, type LineageAnswer, type SeedAnswer } from '../protocol/index.js'
import type { TraceContext } from './TraceContext.js'
import type { TraceQuestion } from './TraceQuestion.js'

/** Entries of a list or map that are written in one go. */
const SLICE = 1_000
/** Longest work without letting the page draw, in ms. */
const BUSY_MS = 8

/**
 * The body of an events request. By `lineage_id` it is small; without, it carries every id and the lineage
 * (54 MB at 114,000 CIDs): it is then written in slices, so that the page goes on drawing.
 */
export async function buildEventsBody(
  question: TraceQuestion,
  domains: readonly string[],
  seeds: SeedAnswer,
  lineage: LineageAnswer,
  context: TraceContext,
): Promise<string | Uint8Array<ArrayBuffer>> {
  const { profile, params } = question
  const envelope = { profile, domains, params, cache_key: seeds.cacheKey }
  if (lineage.lineageId) return JSON.stringify({ ...envelope, lineage_id: lineage.lineageId })

  const seedIds = normalizeIds(seeds.seeds.map(({ containerId }) => containerId))
  const text = eventsText(envelope, seedIds, mergeLineage(seedIds, lineage), lineage)
  return joined(await encodeInSlices(text, context))
}

function* eventsText(
  envelope: object,
  seedIds: readonly string[],
  containerIds: readonly string[],
  { ancestors, childrenMap, seedRoots }: LineageAnswer,
): Generator<string> {
  yield `${JSON.stringify(envelope).slice(0, -1)},"container_ids":`
  yield* listText(containerIds)
  yield ',"seed_container_ids":'
  yield* listText(seedIds)
  yield ',"lineage":{"ancestors":'
  yield* mapText(ancestors)
  yield ',"children_map":'
  yield* mapText(childrenMap)
  yield ',"seed_roots":'
  yield* mapText(seedRoots)
  yield '}}'
}

function* listText(items: readonly unknown[]): Generator<string> {
  yield '['
  for (let from = 0; from < items.length; from += SLICE) {
    const text = JSON.stringify(items.slice(from, from + SLICE)).slice(1, -1)
    yield from === 0 ? text : `,${text}`
  }
  yield ']'
}

function* mapText(map: Record<string, unknown> | null): Generator<string> {
  const keys = map ? Object.keys(map) : []
  yield '{'
  for (let from = 0; from < keys.length; from += SLICE) {
    const slice = keys.slice(from, from + SLICE)
    const text = slice.map((key) => `${JSON.stringify(key)}:${JSON.stringify(map![key])}`).join(',')
    yield from === 0 ? text : `,${text}`
  }
  yield '}'
}

async function encodeInSlices(text: Iterable<string>, { environment, signal }: TraceContext) {
  const encoder = new TextEncoder()
  const parts: Uint8Array[] = []
  let since = environment.now()
  for (const part of text) {
    parts.push(encoder.encode(part))
    if (environment.now() - since < BUSY_MS) continue
    await environment.sleep(0, signal)
    since = environment.now()
  }
  return parts
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
