import { CLOSE_LIST, CLOSE_MAP, COMMA, createTextSkipper, OPEN_LIST, OPEN_MAP, QUOTE } from './jsonBytes.js'
import { joinBytes } from './joinBytes.js'

const utf8 = new TextDecoder()
const encoder = new TextEncoder()

/**
 * Leaves out of one JSON map, while its bytes come, the keys that nobody wants: what it is called with, chunk after chunk
 * and wherever they are cut, comes back without them. Their values are not looked at; any other JSON passes as it is.
 *
 * @throws {SyntaxError} from the filter, when a key is no JSON
 */
export function createKeyFilter(wants: (key: string) => boolean): (chunk: Uint8Array) => Uint8Array[] {
  /** Open lists and maps. */
  let depth = 0
  let isMap = false
  let isInText = false
  const endOfText = createTextSkipper()
  let expectsKey = false
  let isKey = false
  let keyParts: Uint8Array[] = []
  let isKept = true
  let hasKept = false

  return (chunk) => {
    const kept: Uint8Array[] = []
    let from = 0

    function endOfKept(end: number) {
      if (isKept && from < end) kept.push(chunk.slice(from, end))
      isKept = false
    }

    function endOfKey(end: number) {
      keyParts.push(chunk.slice(from, end))
      const text = utf8.decode(joinBytes(keyParts))
      keyParts = []
      isKey = false
      isKept = wants(JSON.parse(text) as string)
      if (!isKept) return
      kept.push(encoder.encode(hasKept ? `,${text}` : text))
      hasKept = true
      from = end
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
        endOfKept(p)
        isKey = true
        from = p
      } else if (byte === OPEN_MAP || byte === OPEN_LIST) {
        if (++depth === 1) isMap = expectsKey = byte === OPEN_MAP
      } else if (byte === CLOSE_MAP || byte === CLOSE_LIST) {
        if (--depth > 0 || isKept) continue
        isKept = true
        from = p
      } else if (byte === COMMA && depth === 1 && isMap) {
        endOfKept(p)
        expectsKey = true
      }
    }
    if (isKey) keyParts.push(chunk.slice(from))
    else if (isKept) kept.push(chunk.slice(from))
    return kept
  }
}
