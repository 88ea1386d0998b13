import { createWorkerDecoder } from 'vue-trace-progress/core'
import type { Way } from '../Way.js'
import { collectRecords } from './collectRecords.js'

const decoder = createWorkerDecoder()

/** As `runTrace` does: its first two stages give the worker time to warm up. */
export async function prepare() {
  await decoder.prepare()
  await new Promise((resolve) => setTimeout(resolve, 300))
}

/** This project: fetched and decoded into columns in its worker. */
export const run: Way['run'] = async (url, progress) => {
  const response = await decoder.fetch(url, { signal: new AbortController().signal })
  return collectRecords(decoder.decode(response.body!), progress)
}
