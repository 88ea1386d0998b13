import * as v from 'valibot'
import { TraceError } from '../../../src/errors.js'
import { listOf, recordOf } from '../../../src/protocol/recordOf.js'
import type { BatchStore, ChunkCodec, StoredChunk } from '../../ports/index.js'
import { checkPart, jsonOf } from '../../ports/checkStored.js'
import type { BodyChunks } from './bodyChunks.js'

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
  // Written entry by entry: an object's keys would all be entered into the engine's table of names.
  const texts = Array.from(entries, ([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`)
  return codec.encode(utf8.encode(texts.join(',')))
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

type Chunks = Iterable<StoredChunk> | AsyncIterable<StoredChunk>

/** The items of a list, chunk by chunk. @throws {TraceError} `CHUNK_MISSING` */
export async function* unpackItems<T>(
  codec: ChunkCodec,
  chunks: Chunks,
  isItem: Check<T>,
): AsyncGenerator<T[]> {
  for await (const chunk of chunks) yield decodeItems(codec, chunk, isItem)
}

/** The entries of a map, chunk by chunk. @throws {TraceError} `CHUNK_MISSING` */
export async function* unpackEntries<T>(
  codec: ChunkCodec,
  chunks: Chunks,
  isValue: Check<T>,
): AsyncGenerator<Record<string, T>> {
  const schema = jsonOf(recordOf(isValue, 'entries'))
  for await (const chunk of chunks) {
    yield checkPart(schema, `{${decoder.decode(codec.decode(chunk))}}`, 'A part of a map')
  }
}

type Reader = { store: Pick<BatchStore, 'get'>; codec: ChunkCodec }

/** @throws {TraceError} `CHUNK_MISSING` */
export async function* readItems<T>(
  { store, codec }: Reader,
  key: string,
  isItem: Check<T>,
): AsyncGenerator<T[]> {
  yield* unpackItems(codec, await getList(store, key), isItem)
}

/** @throws {TraceError} `CHUNK_MISSING` */
export async function* readEntries<T>(
  { store, codec }: Reader,
  key: string,
  isValue: Check<T>,
): AsyncGenerator<Record<string, T>> {
  yield* unpackEntries(codec, await getList(store, key), isValue)
}

/** The stored fragments of one list, with the commas between them. */
export async function* splice(chunks: Chunks): BodyChunks {
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
