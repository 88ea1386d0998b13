import type { StoredChunk } from '../../ports/index.js'

const utf8 = new TextEncoder()

/** SHA-256 over a canonical form of `value`: the same for objects whose keys stand in another order. */
export function hashKey(value: unknown): Promise<string> {
  return digest(utf8.encode(canonicalJson(value)))
}

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

export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
  })
}
