import { CLOSE_LIST, CLOSE_MAP, COMMA, joinBytes, OPEN_LIST, OPEN_MAP, QUOTE } from './bytes.js'
import { createTextSkipper } from './scan.js'

const utf8 = new TextDecoder()
const encoder = new TextEncoder()

/**
 * Leaves unwanted keys out of one JSON map while its bytes come. The filter is called with chunk after chunk, cut
 * anywhere, and gives back their bytes without those keys. It does not look at their values. Any other JSON passes as
 * it is.
 *
 * @param takerOf may give a function that takes the bytes of a key's value, from its colon up to the next comma, wanted
 *   or not
 * @throws {SyntaxError} from the filter, when a key is no JSON
 */
export function createKeyFilter(
  wants: (key: string) => boolean,
  takerOf?: (key: string) => ((part: Uint8Array) => unknown) | undefined,
): (chunk: Uint8Array) => Uint8Array[] {
  /** Open lists and maps. */
  let depth = 0
  let isMap = false
  let isInText = false
  const endOfText = createTextSkipper()
  let expectsKey = false
  let isKey = false
  let keyParts: Uint8Array[] = []
  let isKept = true
  let take: ReturnType<NonNullable<typeof takerOf>>
  let hasKept = false

  return (chunk) => {
    const kept: Uint8Array[] = []
    let from = 0

    function give(end: number) {
      if (from >= end || (!isKept && !take)) return
      const part = chunk.slice(from, end)
      if (isKept) kept.push(part)
      take?.(part)
    }

    function endOfKey(end: number) {
      keyParts.push(chunk.slice(from, end))
      const text = utf8.decode(joinBytes(keyParts))
      keyParts = []
      isKey = false
      const key = JSON.parse(text) as string
      isKept = wants(key)
      take = takerOf?.(key)
      from = end
      if (!isKept) return
      kept.push(encoder.encode(hasKept ? `,${text}` : text))
      hasKept = true
    }

    for (let p = 0; p < chunk.length; p++) {
      if (isInText) {
        const end = endOfText(chunk, p)
        if (end === -1) break
        isInText = false
        if (isKey) endOfKey(end + 1)
        p = end
        continue
      }
      const byte = chunk[p]
      if (byte === QUOTE) {
        isInText = true
        if (!expectsKey) continue
        expectsKey = false
        give(p)
        isKept = false
        isKey = true
        from = p
      } else if (byte === OPEN_MAP || byte === OPEN_LIST) {
        if (++depth === 1) isMap = expectsKey = byte === OPEN_MAP
      } else if (byte === CLOSE_MAP || byte === CLOSE_LIST) {
        if (--depth > 0) continue
        give(p)
        take = undefined
        isKept = true
        from = p
      } else if (byte === COMMA && depth === 1 && isMap) {
        give(p)
        take = undefined
        isKept = false
        expectsKey = true
      }
    }
    if (isKey) keyParts.push(chunk.slice(from))
    else give(chunk.length)
    return kept
  }
}
