import { createWorkerDecoder } from 'vue-trace-progress/core'
import type { Way } from '../Way.js'
import { collectRecords } from './collectRecords.js'

const decoder = createWorkerDecoder()

/** As runTrace does, which has two stages to go before its stream. */
export const prepare = () => decoder.prepare()

/** This project: columns decoded in its worker. */
export const run: Way['run'] = async (url, progress) => {
  const response = await fetch(url)
  return collectRecords(decoder.decode(response.body!), progress)
}
