import { describe, expect, it } from 'vitest'
import type { BatchStore, StoredChunk } from '../../ports/index.js'
import { identityCodec } from '../memory/identityCodec.js'

export interface BatchStoreHarness {
  store: BatchStore
  /** Lets time pass for the store. */
  advance: (ms: number) => Promise<void>
  /** A store with room for `bytes`; `null` where the adapter has no bound of its own. */
  bounded: ((bytes: number) => BatchStore) | null
}

const utf8 = new TextEncoder()

function chunk(text: string): StoredChunk {
  return identityCodec.encode(utf8.encode(text))
}

async function* later(...texts: string[]) {
  for (const text of texts) {
    await Promise.resolve()
    yield chunk(text)
  }
}

async function textsOf(store: BatchStore, key: string): Promise<string[] | null> {
  const chunks = await store.get(key)
  if (!chunks) return null
  const texts: string[] = []
  for await (const each of chunks) texts.push(new TextDecoder().decode(identityCodec.decode(each)))
  return texts
}

/** What every `BatchStore` does. */
export function describeBatchStore(
  name: string,
  makeHarness: () => BatchStoreHarness | Promise<BatchStoreHarness>,
) {
  describe(`BatchStore: ${name}`, () => {
    it('gives back a list in its order, as often as asked', async () => {
      const { store } = await makeHarness()
      await store.put('a', later('1', '2', '3'), 60)
      expect(await textsOf(store, 'a')).toEqual(['1', '2', '3'])
      expect(await textsOf(store, 'a')).toEqual(['1', '2', '3'])
    })

    it('takes lists that are there at once, and empty ones', async () => {
      const { store } = await makeHarness()
      await store.put('a', [chunk('1')], 60)
      await store.put('empty', [], 60)
      expect(await textsOf(store, 'a')).toEqual(['1'])
      expect(await textsOf(store, 'empty')).toEqual([])
    })

    it('knows nothing of a key never put', async () => {
      const { store } = await makeHarness()
      expect(await store.get('nobody')).toBeNull()
      expect(await store.touch('nobody', 60)).toBe(false)
    })

    it('shows a list only when it is complete', async () => {
      const { store } = await makeHarness()
      let seen: unknown = 'not asked'
      async function* slow() {
        yield chunk('1')
        seen = await store.get('a')
        yield chunk('2')
      }
      await store.put('a', slow(), 60)
      expect(seen).toBeNull()
      expect(await textsOf(store, 'a')).toEqual(['1', '2'])
    })

    it('keeps the old list when a new one breaks off', async () => {
      const { store } = await makeHarness()
      await store.put('a', [chunk('old')], 60)
      async function* broken() {
        yield chunk('new')
        throw new Error('source gone')
      }
      await expect(store.put('a', broken(), 60)).rejects.toThrow('source gone')
      expect(await textsOf(store, 'a')).toEqual(['old'])
    })

    it('puts a new list in the place of an old one', async () => {
      const { store } = await makeHarness()
      await store.put('a', [chunk('1'), chunk('2')], 60)
      await store.put('a', [chunk('3')], 60)
      expect(await textsOf(store, 'a')).toEqual(['3'])
    })

    it('forgets a list when its time is over', async () => {
      const { store, advance } = await makeHarness()
      await store.put('a', [chunk('1')], 2)
      await advance(1000)
      expect(await textsOf(store, 'a')).toEqual(['1'])
      await advance(1500)
      expect(await store.get('a')).toBeNull()
    })

    it('lets a touched list live longer, never shorter', async () => {
      const { store, advance } = await makeHarness()
      await store.put('a', [chunk('1')], 2)
      expect(await store.touch('a', 1)).toBe(true)
      await advance(1500)
      expect(await store.touch('a', 3)).toBe(true)
      await advance(2000)
      expect(await textsOf(store, 'a')).toEqual(['1'])
      await advance(1500)
      expect(await store.touch('a', 3)).toBe(false)
    })

    it('deletes, and does not mind deleting nothing', async () => {
      const { store } = await makeHarness()
      await store.put('a', [chunk('1')], 60)
      await store.delete('a')
      await store.delete('a')
      expect(await store.get('a')).toBeNull()
    })

    it('keeps encoding, length and checksum', async () => {
      const { store } = await makeHarness()
      const stored: StoredChunk = { ...chunk('焊接'), encoding: 'deflate' }
      await store.put('a', [stored], 60)
      const got: StoredChunk[] = []
      for await (const each of (await store.get('a'))!) got.push(each)
      expect(got).toHaveLength(1)
      expect({ ...got[0]!, bytes: [...got[0]!.bytes] }).toEqual({ ...stored, bytes: [...stored.bytes] })
    })

    it('refuses with MEMORY_GUARD what does not fit, and keeps nothing of it', async () => {
      const { bounded } = await makeHarness()
      if (!bounded) return
      const store = bounded(10)
      await expect(store.put('a', later('12345', '678901'), 60)).rejects.toMatchObject({
        code: 'MEMORY_GUARD',
        retryable: true,
      })
      expect(await store.get('a')).toBeNull()
      await store.put('b', later('1234567890'), 60)
      expect(await textsOf(store, 'b')).toEqual(['1234567890'])
    })
  })
}
