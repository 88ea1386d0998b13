import { decodeTraceStream } from 'vue-trace-progress/core'
import type { Way } from '../Way.js'
import { collectRecords } from './collectRecords.js'

/** This project where workers are forbidden: the same decoder on the page, in slices. */
export const run: Way['run'] = async (url, progress) => {
  const response = await fetch(url)
  return collectRecords(decodeTraceStream(response.body!), progress)
}
