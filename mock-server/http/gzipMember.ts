import { combineCrc32, crc32 } from '../ports/crc32.js'
import { isStoredChunk, type BodyChunk, type BodyChunks } from '../services/store/bodyChunks.js'

const HEADER = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff)
/** An empty final block: what stored chunks, which end in a sync flush, never have. */
const FINAL_BLOCK = [3, 0]
/** Longest stored block of deflate (RFC 1951 3.2.4). */
const MAX_BLOCK = 0xffff

const utf8 = new TextEncoder()

/**
 * One gzip member (RFC 1952) of what is stored deflated, as it is, and everything else in stored blocks. Each
 * part ends on a byte border, so it is readable as soon as it is sent. Concatenated members would be simpler,
 * but Chromium shows only the first.
 */
export async function* gzipMember(body: BodyChunks): AsyncGenerator<Uint8Array> {
  let checksum = 0
  let length = 0
  yield HEADER
  for await (const chunk of body) {
    const part = deflated(chunk)
    if (part.textBytes === 0) continue
    checksum = combineCrc32(checksum, part.crc32, part.textBytes)
    length += part.textBytes
    yield part.bytes
  }
  const trailer = new DataView(new ArrayBuffer(10))
  FINAL_BLOCK.forEach((byte, at) => trailer.setUint8(at, byte))
  trailer.setUint32(2, checksum, true)
  trailer.setUint32(6, length % 2 ** 32, true)
  yield new Uint8Array(trailer.buffer)
}

function deflated(chunk: BodyChunk): { bytes: Uint8Array; textBytes: number; crc32: number } {
  if (isStoredChunk(chunk)) {
    const { bytes, textBytes, crc32: checksum } = chunk
    return { bytes: chunk.encoding === 'deflate' ? bytes : storedBlocks(bytes), textBytes, crc32: checksum }
  }
  const text = typeof chunk === 'string' ? utf8.encode(chunk) : chunk
  return { bytes: storedBlocks(text), textBytes: text.length, crc32: crc32(text) }
}

/** Text in deflate's own words for "not deflated": five bytes per block more. */
function storedBlocks(text: Uint8Array): Uint8Array {
  const blocks = Math.ceil(text.length / MAX_BLOCK)
  const bytes = new Uint8Array(text.length + blocks * 5)
  const view = new DataView(bytes.buffer)
  for (let block = 0, to = 0; block < blocks; block++) {
    const part = text.subarray(block * MAX_BLOCK, (block + 1) * MAX_BLOCK)
    view.setUint8(to, 0)
    view.setUint16(to + 1, part.length, true)
    view.setUint16(to + 3, ~part.length & 0xffff, true)
    bytes.set(part, to + 5)
    to += 5 + part.length
  }
  return bytes
}
