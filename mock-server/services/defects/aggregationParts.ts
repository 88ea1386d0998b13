import * as v from 'valibot'
import { TraceError } from '../../../src/errors.js'
import { checkPart, Count, jsonOf } from '../../ports/checkStored.js'
import { DIMENSIONS } from './createValueIndex.js'

/**
 * What an aggregation holds of rows and lineage, in parts that are stored one by one. Integers lie behind a header as they
 * are in memory: two million pairs as JSON would take seconds to read.
 */
export type AggregationPart =
  /** What came before it counts for nothing: it was left by a writer that died, or is of a partial result. */
  | { kind: 'begin' }
  /** All of it is there. */
  | { kind: 'end' }
  /** Ids in the order of their numbers; of each kind the parts follow each other. */
  | { kind: 'ids'; ids: string[] }
  | { kind: 'values'; values: [dimension: (typeof DIMENSIONS)[number], name: string][] }
  /** By turns: an id, how many relatives it has, and these. */
  | { kind: 'reach'; ints: Int32Array }
  /** By turns: an id, a value. */
  | { kind: 'pairs'; domain: string; ints: Int32Array }
  /** Pieces rejected, by position among the pairs, or by id. */
  | { kind: 'amounts' | 'rejected'; domain: string; entries: [number, number][] }

/** Integers of a part: 128 kB. */
export const PART_INTS = 2 ** 15
/** Items of a part that is JSON. */
export const PART_ITEMS = 5_000

const utf8 = new TextEncoder()
const decoder = new TextDecoder()
const LENGTH_BYTES = 4

const Header = v.variant('kind', [
  v.object({ kind: v.picklist(['begin', 'end']) }),
  v.object({ kind: v.literal('ids'), ids: v.array(v.string()) }),
  v.object({ kind: v.literal('values'), values: v.array(v.tuple([v.picklist(DIMENSIONS), v.string()])) }),
  v.object({ kind: v.literal('reach') }),
  v.object({ kind: v.literal('pairs'), domain: v.string() }),
  v.object({
    kind: v.picklist(['amounts', 'rejected']),
    domain: v.string(),
    entries: v.array(v.tuple([Count, v.number()])),
  }),
])

export function encodePart(part: AggregationPart): Uint8Array {
  const { ints, ...rest } = { ints: new Int32Array(0), ...part }
  const header = utf8.encode(JSON.stringify(rest))
  const bytes = new Uint8Array(LENGTH_BYTES + header.length + ints.byteLength)
  new DataView(bytes.buffer).setUint32(0, header.length, true)
  bytes.set(header, LENGTH_BYTES)
  bytes.set(new Uint8Array(ints.buffer, ints.byteOffset, ints.byteLength), LENGTH_BYTES + header.length)
  return bytes
}

/** @throws {TraceError} `CHUNK_MISSING` when the bytes are no part */
export function decodePart(bytes: Uint8Array): AggregationPart {
  const length =
    bytes.length < LENGTH_BYTES ? Infinity : new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true)
  const end = LENGTH_BYTES + length
  const rest = bytes.length - end
  if (rest < 0 || rest % Int32Array.BYTES_PER_ELEMENT !== 0) throw damaged()
  const header = checkPart(
    jsonOf(Header),
    decoder.decode(bytes.subarray(LENGTH_BYTES, end)),
    'A part of figures',
  )
  if (header.kind !== 'reach' && header.kind !== 'pairs') return header as AggregationPart
  // Copied: integers must lie at a multiple of four.
  const ints = new Int32Array(rest / Int32Array.BYTES_PER_ELEMENT)
  new Uint8Array(ints.buffer).set(bytes.subarray(end))
  return { ...header, ints }
}

export function damaged(): TraceError {
  return new TraceError('CHUNK_MISSING', 'What is stored of the figures is damaged')
}

/** @throws {TraceError} `CHUNK_MISSING` for a number that stands for nothing */
export function checkNumber(number: number, count: number): number {
  if (number < 0 || number >= count) throw damaged()
  return number
}
