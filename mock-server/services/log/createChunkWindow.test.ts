import { describe, expect, it } from 'vitest'
import type { StoredChunk } from '../../ports/index.js'
import { createChunkWindow } from './createChunkWindow.js'

/** A window over chunks of 100 bytes, and what was fetched for it. */
function setUp(maxBytes?: number) {
  const fetched: string[] = []
  const broken = new Set<number>()
  const log = {
    async chunk(jobId: string, seq: number): Promise<StoredChunk> {
      fetched.push(`${jobId} ${seq}`)
      if (broken.has(seq)) throw new Error('gone')
      return { bytes: new Uint8Array(100).fill(seq), encoding: 'identity', textBytes: 100, crc32: 0 }
    },
  }
  return { fetched, broken, ...createChunkWindow(log, maxBytes) }
}

describe('chunks for several readers', () => {
  it('are fetched once for all who follow the same job', async () => {
    const { open, fetched } = setUp()
    const readers = Array.from({ length: 200 }, () => open('j'))
    const chunks = await Promise.all(readers.map(({ read }) => read('e', 3)))
    expect(fetched).toEqual(['j 3'])
    expect(new Set(chunks.map(({ bytes }) => bytes[0]))).toEqual(new Set([3]))
  })

  it('are not kept for one reader alone, nor when only one is left', async () => {
    const { open, fetched } = setUp()
    const first = open('j')
    await first.read('e', 3)
    await first.read('e', 3)
    expect(fetched).toHaveLength(2)
    const second = open('j')
    await second.read('e', 3)
    second.close()
    second.close()
    await first.read('e', 3)
    open('j')
    await first.read('e', 3)
    expect(fetched).toHaveLength(5)
  })

  it('are other chunks in another epoch or of another job', async () => {
    const { open, fetched } = setUp()
    const [a, b] = [open('j'), open('k')]
    open('j')
    open('k')
    await a.read('e', 3)
    await a.read('f', 3)
    await b.read('e', 3)
    expect(fetched).toEqual(['j 3', 'j 3', 'k 3'])
  })

  it('are kept up to a limit, the newest', async () => {
    const { open, fetched } = setUp(250)
    const { read } = open('j')
    open('j')
    for (const seq of [2, 3, 4, 4, 3]) await read('e', seq)
    expect(fetched).toEqual(['j 2', 'j 3', 'j 4'])
    await read('e', 2)
    expect(fetched).toHaveLength(4)
  })

  it('are asked for again when they could not be had', async () => {
    const { open, broken, fetched } = setUp()
    const { read } = open('j')
    open('j')
    broken.add(3)
    await expect(read('e', 3)).rejects.toThrow('gone')
    broken.clear()
    expect((await read('e', 3)).bytes[0]).toBe(3)
    expect(fetched).toHaveLength(2)
  })
})
