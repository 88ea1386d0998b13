import * as v from 'valibot'
import { TraceError } from '../../src/errors.js'
import { listOf, recordOf } from '../../src/protocol/recordOf.js'
import type { BatchStore, ChunkCodec, StoredChunk } from '../ports/index.js'
import { checkPart, jsonOf } from './checkStored.js'
import type { Pieces } from './pieces.js'

/**
 * Long lists and maps are stored as fragments: the inside of a JSON array or object, a batch per chunk, without
 * its brackets. So a batch can be parsed alone, and an answer is spliced from chunks as they are stored.
 */

const utf8 = new TextEncoder()
const decoder = new TextDecoder()

/** @param items at least one */
export function encodeItems(codec: ChunkCodec, items: readonly unknown[]): StoredChunk {
  return codec.encode(utf8.encode(JSON.stringify(items).slice(1, -1)))
}

/** @param entries at least one */
export function encodeEntries(codec: ChunkCodec, entries: Iterable<readonly [string, unknown]>): StoredChunk {
  // fromEntries defines, so that a key `__proto__` is data like any other.
  return codec.encode(utf8.encode(JSON.stringify(Object.fromEntries(entries)).slice(1, -1)))
}

export function* encodeItemBatches(codec: ChunkCodec, items: readonly unknown[], batchSize: number) {
  for (let at = 0; at < items.length; at += batchSize) {
    yield encodeItems(codec, items.slice(at, at + batchSize))
  }
}

export function* encodeEntryBatches(
  codec: ChunkCodec,
  entries: readonly (readonly [string, unknown])[],
  batchSize: number,
) {
  for (let at = 0; at < entries.length; at += batchSize) {
    yield encodeEntries(codec, entries.slice(at, at + batchSize))
  }
}

type Check<T> = (value: unknown) => value is T

/** @throws {TraceError} `CHUNK_MISSING` */
export function decodeItems<T>(codec: ChunkCodec, chunk: StoredChunk, isItem: Check<T>): T[] {
  const text = `[${decoder.decode(codec.decode(chunk))}]`
  return checkPart(jsonOf(listOf(isItem, 'items')), text, 'A part of a list')
}

/** A value that is stored alone. */
export function isA<T>(schema: v.GenericSchema<unknown, T>): Check<T> {
  return (value): value is T => v.is(schema, value)
}

type Reader = { store: Pick<BatchStore, 'get'>; codec: ChunkCodec }

/** @throws {TraceError} `CHUNK_MISSING` */
export async function* readItems<T>(
  { store, codec }: Reader,
  key: string,
  isItem: Check<T>,
): AsyncGenerator<T[]> {
  for await (const chunk of await getList(store, key)) yield decodeItems(codec, chunk, isItem)
}

/** @throws {TraceError} `CHUNK_MISSING` */
export async function* readEntries<T>(
  { store, codec }: Reader,
  key: string,
  isValue: Check<T>,
): AsyncGenerator<Record<string, T>> {
  const schema = jsonOf(recordOf(isValue, 'entries'))
  for await (const chunk of await getList(store, key)) {
    yield checkPart(schema, `{${decoder.decode(codec.decode(chunk))}}`, 'A part of a map')
  }
}

/** The stored fragments of one list, with the commas between them. */
export async function* splice(chunks: Iterable<StoredChunk> | AsyncIterable<StoredChunk>): Pieces {
  let isFirst = true
  for await (const chunk of chunks) {
    if (!isFirst) yield ','
    isFirst = false
    yield chunk
  }
}

async function getList(store: Pick<BatchStore, 'get'>, key: string): Promise<AsyncIterable<StoredChunk>> {
  const chunks = await store.get(key)
  if (!chunks) throw new TraceError('CHUNK_MISSING', `A part of the question is no longer stored (${key})`)
  return chunks
}
