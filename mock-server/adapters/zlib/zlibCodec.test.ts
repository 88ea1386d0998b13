import { inflateRawSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { identityCodec } from '../memory/identityCodec.js'
import { zlibCodec } from './zlibCodec.js'

const utf8 = new TextEncoder()
const text = utf8.encode('{"type":"records","data":[{"WORKCENTERNAME":"焊接_DB"}]}\n'.repeat(50))

describe('zlibCodec', () => {
  it('gives back what it was given', () => {
    const chunk = zlibCodec.encode(text)
    expect(chunk).toMatchObject({ encoding: 'deflate', textBytes: text.length })
    expect(chunk.bytes.length).toBeLessThan(text.length / 5)
    expect(Buffer.from(zlibCodec.decode(chunk)).equals(text)).toBe(true)
  })

  it('ends in a sync flush, so that chunks can stand one after the other in one deflate stream', () => {
    const [a, b] = [zlibCodec.encode(text), zlibCodec.encode(utf8.encode('second\n'))]
    expect([...a.bytes.slice(-4)]).toEqual([0, 0, 0xff, 0xff])
    const stream = Buffer.concat([a.bytes, b.bytes, Buffer.from([3, 0])])
    expect(inflateRawSync(stream).toString()).toBe(`${new TextDecoder().decode(text)}second\n`)
  })

  it('packs beside the thread into the same bytes, which can be spliced with others', async () => {
    const texts = [text, utf8.encode('second\n'), new Uint8Array(0)]
    const beside = await Promise.all(texts.map((one) => zlibCodec.encodeBeside(one)))
    expect(beside).toEqual(texts.map((one) => zlibCodec.encode(one)))
    const stream = Buffer.concat([beside[1]!.bytes, zlibCodec.encode(text).bytes, Buffer.from([3, 0])])
    expect(inflateRawSync(stream).toString()).toBe(`second\n${new TextDecoder().decode(text)}`)
    for (const { bytes } of beside) expect(bytes.buffer.byteLength).toBe(bytes.length)
  })

  it('owns exactly its bytes, so that they can be transferred', () => {
    const { bytes } = zlibCodec.encode(utf8.encode('x'))
    expect(bytes.buffer.byteLength).toBe(bytes.length)
  })

  it('says that a chunk is missing when its bytes are damaged, cut or of another text', () => {
    const chunk = zlibCodec.encode(text)
    const damaged = { ...chunk, bytes: chunk.bytes.map((byte, i) => (i === 20 ? byte ^ 0xff : byte)) }
    const cut = { ...chunk, bytes: chunk.bytes.subarray(0, 30) }
    const other = { ...chunk, crc32: chunk.crc32 ^ 1 }
    for (const broken of [damaged, cut, other]) {
      expect(() => zlibCodec.decode(broken)).toThrow(expect.objectContaining({ code: 'CHUNK_MISSING' }))
    }
  })

  it('inflates no further than the length stored with it, and makes no room for what cannot be', () => {
    const bomb = zlibCodec.encode(new Uint8Array(100 * 2 ** 20))
    const causeOf = (textBytes: number) => {
      try {
        zlibCodec.decode({ ...bomb, textBytes })
      } catch (error) {
        return (error as Error).cause as NodeJS.ErrnoException
      }
    }
    expect(causeOf(20)?.code).toBe('ERR_BUFFER_TOO_LARGE')
    const { arrayBuffers } = process.memoryUsage()
    expect(causeOf(2 ** 32 - 1)).toBeInstanceOf(RangeError)
    expect(process.memoryUsage().arrayBuffers - arrayBuffers).toBeLessThan(2 ** 20)
  })

  it('reads identity chunks too, unless they are damaged', () => {
    const chunk = identityCodec.encode(text)
    expect(zlibCodec.decode(chunk)).toBe(text)
    for (const broken of [
      { ...chunk, bytes: text.subarray(1) },
      { ...chunk, crc32: 1 },
    ]) {
      expect(() => zlibCodec.decode(broken)).toThrow(expect.objectContaining({ code: 'CHUNK_MISSING' }))
    }
  })
})

describe('identityCodec', () => {
  it('gives back what it was given, with the same CRC-32 as zlib', () => {
    const chunk = identityCodec.encode(text)
    expect(identityCodec.decode(chunk)).toBe(text)
    expect(chunk.crc32).toBe(zlibCodec.encode(text).crc32)
  })

  it('has nothing to do beside the thread, and gives the same', async () => {
    expect(await identityCodec.encodeBeside(text)).toEqual(identityCodec.encode(text))
  })

  it('refuses a deflated chunk', () => {
    expect(() => identityCodec.decode(zlibCodec.encode(text))).toThrow(
      expect.objectContaining({ code: 'CHUNK_MISSING' }),
    )
  })
})
