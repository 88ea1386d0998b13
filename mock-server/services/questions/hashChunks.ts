import type { StoredChunk } from '../../ports/index.js'
import { toHex } from './hashKey.js'

const utf8 = new TextEncoder()

/** SHA-256 over packed lists; chunk by chunk, since they may be 54 MB of text. */
export async function hashChunks(lists: readonly (readonly StoredChunk[])[]): Promise<string> {
  const digests: string[] = []
  for (const list of lists) {
    digests.push(String(list.length))
    for (const { bytes } of list) digests.push(await digest(bytes))
  }
  return digest(utf8.encode(digests.join(' ')))
}

async function digest(bytes: Uint8Array): Promise<string> {
  return toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>)))
}
