import type { DecodePort, FromWorker, ToWorker } from './decodeMessages.js'
import { serveDecoder } from './serveDecoder.js'
import { warmUp } from './warmUp.js'

const { hasStreams } = serveDecoder(globalThis as unknown as DecodePort<ToWorker, FromWorker>)
void warmUp(() => !hasStreams())
