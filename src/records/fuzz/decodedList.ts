import { createEventReader } from '../columns/createEventReader.js'
import { createTraceDecoder } from '../columns/createTraceDecoder.js'
import { RecordList } from '../RecordList.js'
import type { Row } from '../Row.js'

/** A list of `batches` as they come out of the stream decoder. */
export function decodedList<TRow extends Row>(batches: readonly TRow[][]): RecordList<TRow> {
  const decoder = createTraceDecoder(2 ** 26)
  const toEvents = createEventReader()
  const encoder = new TextEncoder()
  let list = RecordList.empty<TRow>()
  for (const [batch, data] of batches.entries()) {
    const line = { type: 'records', domain: 'history', batch, count: data.length, data }
    for (const decoded of decoder.lines(encoder.encode(`${JSON.stringify(line)}\n`))) {
      for (const event of decoded ? toEvents(decoded) : []) {
        if (event.type === 'records') list = list.append(event.rows)
      }
    }
  }
  return list
}
