import { TraceError } from '../../../src/errors.js'
import { createJsonReader, type JsonReader, type ReadLimits } from '../../../src/json/createJsonReader.js'
import {
  LIMITS,
  normalizeIds,
  type ProfileDescription,
  type SourceDescription,
} from '../../../src/protocol/index.js'
import type { ChunkCodec, StoredChunk } from '../../ports/index.js'
import { createSection } from '../store/createSection.js'

/**
 * Reading the fields that several requests share, with the original's words for what is wrong. Bodies are read in steps,
 * and only what is wanted of them: counts are refused before what is counted is parsed, long lists are packed as they
 * come, and unknown fields are passed by.
 */

export type Fields = Record<string, unknown>

/** `params` as far as they are known; an empty list for those that are no object, `null` for none. */
export type Params = Fields | [] | null

/** A body that is read in steps, step by step. */
export type Reading<T = void> = Generator<void, T>

/** A long list of ids, each once, packed batch by batch. */
export interface IdList {
  count: number
  chunks: StoredChunk[]
}

/** What long lists are packed with. */
export interface Packing {
  codec: ChunkCodec
  /** Ids of a batch. */
  batchSize: number
}

/** What requests are read with. */
export interface RequestContext extends Packing {
  description: SourceDescription
}

/** Most ids of a list. */
export const MAX_IDS = 500_000
/** Most items of a list of ids, blanks and repeats and all. */
const MAX_ITEMS = 2 * MAX_IDS
/** Most names of a list of domains. */
const MAX_DOMAIN_NAMES = 100
/** Most bytes of `params` that are kept; `values` are counted apart. */
const MAX_PARAMS_BYTES = 64 * 2 ** 10
/** Most bytes of anything else that is short. */
const MAX_FIELD_BYTES = 2 ** 10
/** Most bytes of an id as it stands in a body: twice what 256 escaped characters take. */
export const MAX_ID_BYTES = 4 * 2 ** 10
/** Deepest a body may nest; the protocol's own are five deep, `params` is the caller's. */
const MAX_DEPTH = 64

/** Longest list of names repeated in an error message, in characters. */
const MAX_ECHO = 200
const CONTROL = /[\u0000-\u001f\u007f]/

export function invalid(message: string): TraceError {
  return new TraceError('INVALID_PARAMS', message)
}

/**
 * Reads a body, which must be a JSON object.
 *
 * @param readers for each field that is wanted, what reads it
 * @throws {TraceError} `INVALID_PARAMS`
 */
export function* readBody(
  bytes: Uint8Array,
  readers: (json: JsonReader) => Record<string, () => Reading>,
): Reading {
  const json = createJsonReader(bytes, MAX_DEPTH)
  try {
    yield* readMap(json, readers(json))
    yield* json.end()
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause
    throw new TraceError('INVALID_PARAMS', 'request body must be JSON object', { cause })
  }
}

export function readMap(json: JsonReader, readers: Record<string, () => Reading>): Reading {
  return json.map(new Map(Object.entries(readers)))
}

/** Reads something short; what is longer than that is as if it were not there. */
export function readField(json: JsonReader): Reading<unknown> {
  return json.value(MAX_FIELD_BYTES)
}

/** @throws {TraceError} `INVALID_PROFILE` */
export function parseProfile({ profiles }: SourceDescription, profile: unknown): ProfileDescription {
  const name = typeof profile === 'string' ? profile.trim() : ''
  const known = profiles.find((each) => each.name === name)
  if (!known) throw new TraceError('INVALID_PROFILE', 'unsupported profile')
  return known
}

/** @throws {TraceError} `INVALID_PROFILE` for a profile whose questions have no such stage */
export function mustHaveStage(profile: ProfileDescription, stage: 'seeds' | 'lineage') {
  if (hasStage(profile, stage)) return
  throw new TraceError('INVALID_PROFILE', `profile ${profile.name} has no ${stage}: ask POST /api/trace/run`)
}

/**
 * Reads the `params` that are known; others change no answer, and are not kept.
 *
 * @param names of those that are kept as they are
 * @param readers of others
 * @throws {TraceError} `INVALID_PARAMS` when they are longer than 64 kB
 */
export function* readParams(
  json: JsonReader,
  names: readonly string[],
  readers: Record<string, () => Reading> = {},
): Reading<Params> {
  if (json.next() !== 'map') return (yield* readField(json)) === null ? null : []
  const params: Fields = {}
  const keep = (name: string) =>
    function* () {
      const value = yield* json.value(MAX_PARAMS_BYTES)
      if (value === undefined) throw tooLong()
      params[name] = value
    }
  yield* readMap(json, { ...Object.fromEntries(names.map((name) => [name, keep(name)])), ...readers })
  if (JSON.stringify(params).length > MAX_PARAMS_BYTES) throw tooLong()
  return params
}

function tooLong(): TraceError {
  return invalid(`params must not be longer than ${MAX_PARAMS_BYTES / 2 ** 10} kB`)
}

/** `params` or nothing at all. @throws {TraceError} `INVALID_PARAMS` when it is something else */
export function parseOptionalParams(params: Params): Fields {
  if (params === null) return {}
  if (Array.isArray(params)) throw invalid('params must be an object')
  return params
}

/**
 * Reads a long list of ids, by the wire's rules for lists, and packs it.
 *
 * @throws {TraceError} `INVALID_PARAMS` when an id is too long or holds control characters, `CID_LIMIT_EXCEEDED`
 */
export function* readIds(json: JsonReader, name: string, { codec, batchSize }: Packing): Reading<IdList> {
  const section = createSection<string>({ codec, batchSize, as: 'items' })
  if (json.next() !== 'list') yield* json.skip()
  else {
    yield* json.texts(
      (texts) => {
        for (const text of texts) {
          const id = text.trim()
          if (id === '') continue
          checkId(id, name)
          section.add(id, id, id.length)
        }
        if (section.size() > MAX_IDS) throw tooManyIds(name)
      },
      limitsOf(name, MAX_ITEMS, () => tooManyIds(name)),
    )
  }
  return { count: section.size(), chunks: section.finish() }
}

/** Limits of a list of ids. */
export function limitsOf(name: string, items: number, tooMany: () => Error): ReadLimits {
  return {
    items,
    itemBytes: MAX_ID_BYTES,
    refuse: (what) => (what === 'items' ? tooMany() : idTooLong(name)),
  }
}

/** @throws {TraceError} `INVALID_PARAMS` */
export function checkId(id: string, name: string) {
  if (id.length > LIMITS.maxIdLength) throw idTooLong(name)
  if (CONTROL.test(id)) throw invalid(`${name} must not contain control characters`)
}

function idTooLong(name: string): TraceError {
  return invalid(`${name} must not be longer than ${LIMITS.maxIdLength} characters each`)
}

function tooManyIds(name: string): TraceError {
  return new TraceError(
    'CID_LIMIT_EXCEEDED',
    `${name} must hold at most ${MAX_IDS} ids; narrow the question`,
    {
      details: { limit: MAX_IDS },
    },
  )
}

/** @throws {TraceError} `INVALID_PARAMS` */
export function parseContainerIds(list: IdList | undefined): IdList {
  if (!list?.count) throw invalid('container_ids must contain at least one id')
  return list
}

/** Reads a list of domains. @throws {TraceError} `INVALID_PARAMS` when it is far too long */
export function* readDomains(json: JsonReader): Reading<string[]> {
  const names: string[] = []
  if (json.next() !== 'list') yield* json.skip()
  else {
    const tooMany = () => invalid(`domains must contain at most ${MAX_DOMAIN_NAMES} names`)
    yield* json.texts((some) => names.push(...some), limitsOf('domains', MAX_DOMAIN_NAMES, tooMany))
  }
  return names
}

/**
 * The domains asked for, which must be of the profile's sort: rows of lots, or rows without them.
 *
 * @throws {TraceError} `INVALID_PARAMS`
 */
export function parseDomains(
  known: SourceDescription,
  profile: ProfileDescription,
  domains: string[] | undefined,
): string[] {
  const names = normalizeIds(domains)
  if (names.length === 0) throw invalid('domains must contain at least one domain')
  const unknown = names.filter((name) => !isDeliverable(known, profile, name)).sort()
  if (unknown.length === 0) return names
  const echo = unknown.join(',')
  throw invalid(`unsupported domains: ${echo.length > MAX_ECHO ? `${echo.slice(0, MAX_ECHO)}…` : echo}`)
}

/** Whether a domain is described, and of rows that profiles like this one ask for. */
function isDeliverable({ profiles, domains }: SourceDescription, profile: ProfileDescription, name: string) {
  if (!domains.some((domain) => domain.name === name)) return false
  const isOf = (hasSeeds: boolean) =>
    profiles.some((each) => hasStage(each, 'seeds') === hasSeeds && allDomainsOf(each).includes(name))
  // One that no profile asks for by itself is of lots.
  return hasStage(profile, 'seeds') ? isOf(true) || !isOf(false) : isOf(false)
}

function hasStage({ stages }: ProfileDescription, stage: 'seeds' | 'lineage'): boolean {
  return stages.includes(stage)
}

function allDomainsOf({ domains }: ProfileDescription): string[] {
  return Array.isArray(domains) ? domains : [...domains.backward, ...domains.forward]
}
