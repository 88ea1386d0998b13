import { createBatchReader } from '../columns/createBatchReader.js'
import { createTraceDecoder } from '../columns/createTraceDecoder.js'
import { RecordList } from '../RecordList.js'
import type { Row } from '../Row.js'

/** A list of `batches` as they come out of the stream decoder. */
export function decodedList<TRow extends Row>(batches: readonly TRow[][]): RecordList<TRow> {
  const decoder = createTraceDecoder(2 ** 26)
  const toBatch = createBatchReader()
  const encoder = new TextEncoder()
  let list = RecordList.empty<TRow>()
  for (const [batch, data] of batches.entries()) {
    const line = { type: 'records', domain: 'history', batch, count: data.length, data }
    for (const event of decoder.events(encoder.encode(`${JSON.stringify(line)}\n`))) {
      if (event?.type === 'records') list = list.append(toBatch(event.rows))
    }
  }
  return list
}
