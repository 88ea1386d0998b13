import type { StoredChunk } from '../../ports/index.js'

const HEADER_BYTES = 9
const ENCODINGS = ['identity', 'deflate'] as const

/** A chunk as one value: encoding (1 byte), length and CRC-32 of the text (4 bytes each, big endian), the bytes. */
export function packChunk({ bytes, encoding, textBytes, crc32 }: StoredChunk): Buffer {
  const packed = Buffer.allocUnsafe(HEADER_BYTES + bytes.length)
  packed.writeUInt8(ENCODINGS.indexOf(encoding), 0)
  packed.writeUInt32BE(textBytes, 1)
  packed.writeUInt32BE(crc32, 5)
  packed.set(bytes, HEADER_BYTES)
  return packed
}

/** `null` when `packed` is not what `packChunk` made. */
export function unpackChunk(packed: Buffer): StoredChunk | null {
  if (packed.length < HEADER_BYTES) return null
  const encoding = ENCODINGS[packed.readUInt8(0)]
  if (!encoding) return null
  return {
    bytes: packed.subarray(HEADER_BYTES),
    encoding,
    textBytes: packed.readUInt32BE(1),
    crc32: packed.readUInt32BE(5),
  }
}
