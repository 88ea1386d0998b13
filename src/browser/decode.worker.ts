import type { DecodePort, FromWorker, ToWorker } from './decodeMessages.js'
import { serveDecoder } from './serveDecoder.js'

serveDecoder(globalThis as unknown as DecodePort<ToWorker, FromWorker>)
