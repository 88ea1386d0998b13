import type { DecodePort, WorkerEvent, WorkerCommand } from './protocol.js'
import { serveDecoder, warmUp } from './worker.js'

const { hasStreams } = serveDecoder(globalThis as unknown as DecodePort<WorkerCommand, WorkerEvent>)
void warmUp(() => !hasStreams())
