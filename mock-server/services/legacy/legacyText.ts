import { CLOSE_MAP } from '../../../src/json/bytes.js'
import { endOfText, endOfValue, skipBlanks } from '../../../src/json/scan.js'
import type { LegacyResult } from '../../ports/index.js'

const utf8 = new TextEncoder()
const decoder = new TextDecoder()

/**
 * The fields of a JSON map, each value as it is written there. Of two fields of one name the last counts.
 *
 * @param json known to be JSON
 */
export function fieldsOf(json: Uint8Array): Map<string, Uint8Array> {
  const fields = new Map<string, Uint8Array>()
  // Behind the bracket, and then behind each comma.
  for (let p = skipBlanks(json, 0) + 1; ; p++) {
    p = skipBlanks(json, p)
    if (json[p] === CLOSE_MAP) return fields
    const keyEnd = endOfText(json, p)
    const key = JSON.parse(decoder.decode(json.subarray(p, keyEnd))) as string
    const start = skipBlanks(json, skipBlanks(json, keyEnd) + 1)
    const end = endOfValue(json, start)
    fields.set(key, json.subarray(start, end))
    p = skipBlanks(json, end)
    if (json[p] === CLOSE_MAP) return fields
  }
}

/** The JSON array of one domain's rows in a whole result, without blanks between its tokens. */
export function wholeRows({ text }: Extract<LegacyResult, { kind: 'whole' }>, domain: string): Uint8Array {
  const results = fieldsOf(fieldsOf(utf8.encode(text)).get('results')!)
  return compact(decoder.decode(fieldsOf(results.get(domain)!).get('data')!))
}

/** JSON without the blanks between its tokens, which the original service writes and this one does not. */
export function compact(json: string): Uint8Array {
  return utf8.encode(json.replace(/("(?:[^"\\]|\\.)*")|\s+/g, '$1'))
}
