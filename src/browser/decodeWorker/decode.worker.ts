import type { DecodePort, FromWorker, ToWorker } from './protocol.js'
import { serveDecoder } from './worker.js'
import { warmUp } from './warmUp.js'

const { hasStreams } = serveDecoder(globalThis as unknown as DecodePort<ToWorker, FromWorker>)
void warmUp(() => !hasStreams())
