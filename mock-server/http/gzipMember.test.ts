import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { identityCodec } from '../adapters/memory/identityCodec.js'
import { zlibCodec } from '../adapters/zlib/zlibCodec.js'
import type { BodyChunk } from '../services/store/bodyChunks.js'
import { gzipMember } from './gzipMember.js'

const utf8 = new TextEncoder()

async function gzipped(body: BodyChunk[]): Promise<Buffer[]> {
  async function* source() {
    yield* body
  }
  const parts: Buffer[] = []
  for await (const part of gzipMember(source())) parts.push(Buffer.from(part))
  return parts
}

function textOf(chunk: BodyChunk): string {
  if (typeof chunk === 'string') return chunk
  return new TextDecoder().decode('encoding' in chunk ? zlibCodec.decode(chunk) : chunk)
}

describe('gzipMember', () => {
  it('is one member that any gunzip reads, whatever it is made of', async () => {
    const text = fc.string({ maxLength: 200 })
    const chunk = fc.oneof(
      text,
      text.map((each) => utf8.encode(each)),
      text.map((each) => zlibCodec.encode(utf8.encode(each))),
      text.map((each) => identityCodec.encode(utf8.encode(each))),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(chunk, { maxLength: 12 }), async (body) => {
        const bytes = Buffer.concat(await gzipped(body))
        expect(gunzipSync(bytes).toString()).toBe(body.map(textOf).join(''))
      }),
    )
  })

  it('takes texts longer than a stored block', async () => {
    const long = '測'.repeat(100_000)
    expect(gunzipSync(Buffer.concat(await gzipped(['a', long, 'b']))).toString()).toBe(`a${long}b`)
  })

  it('passes stored chunks on as they are', async () => {
    const chunk = zlibCodec.encode(utf8.encode('{"type":"records"}\n'.repeat(1000)))
    const parts = await gzipped([chunk])
    expect(parts[1]!.equals(chunk.bytes)).toBe(true)
  })

  it('is readable to the last line although it has not ended', async () => {
    const { createGunzip } = await import('node:zlib')
    const gunzip = createGunzip()
    const [header, line] = await gzipped(['{"type":"progress"}\n', 'never seen'])
    gunzip.write(header)
    gunzip.write(line)
    const seen = await new Promise<Buffer>((resolve) => gunzip.once('data', resolve))
    gunzip.destroy()
    expect(seen.toString()).toBe('{"type":"progress"}\n')
  })
})
