import { TraceError } from '../../../src/errors.js'
import { crc32 } from '../../ports/crc32.js'
import type { ChunkCodec, StoredChunk } from '../../ports/index.js'

/** Stores text as it is, for where there is no zlib: browsers. */
export const identityCodec: ChunkCodec = {
  encode,
  encodeBeside: async (text) => encode(text),
  decode: ({ bytes, encoding }) => {
    if (encoding !== 'identity') {
      throw new TraceError('CHUNK_MISSING', 'A stored chunk is deflated, and nothing here can inflate it')
    }
    return bytes
  },
}

function encode(text: Uint8Array): StoredChunk {
  return { bytes: text, encoding: 'identity', textBytes: text.length, crc32: crc32(text) }
}
