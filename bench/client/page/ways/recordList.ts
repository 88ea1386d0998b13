import { createWorkerDecoder } from 'vue-trace-progress/core'
import type { Way } from '../Way.js'
import { collectRecords } from './collectRecords.js'

/** This project: columns decoded in its worker. */
export const run: Way['run'] = async (url, progress) => {
  const response = await fetch(url)
  return collectRecords(createWorkerDecoder().decode(response.body!), progress)
}
