import type { DecodePort, FromWorker, ToWorker } from './decodeMessages.js'
import { serveDecoder } from './serveDecoder.js'
import { warmUp } from './warmUp.js'

warmUp()
serveDecoder(globalThis as unknown as DecodePort<ToWorker, FromWorker>)
