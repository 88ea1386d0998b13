import { RecordList, type RecordBatch, type StreamEvent } from 'vue-trace-progress/core'
import type { BenchRows, Result } from '../Way.js'

/** Appends the batches of decoded events. */
export async function collectRecords(
  events: AsyncIterable<StreamEvent<RecordBatch>>,
  progress: (rows: number) => void,
): Promise<Result> {
  const lists: Record<string, RecordList> = {}
  let rows = 0
  for await (const event of events) {
    if (event.type !== 'records') continue
    lists[event.domain] = (lists[event.domain] ?? RecordList.empty()).append(event.rows)
    rows += event.count
    progress(rows)
  }
  return Object.fromEntries(Object.entries(lists).map(([domain, list]) => [domain, recordRows(list)]))
}

export function recordRows(list: RecordList): BenchRows {
  return {
    length: list.loaded,
    at: (i) => list.at(i)!,
    sum: () => list.column('TRACKOUTQTY').sumBy('WORKCENTERNAME'),
  }
}
