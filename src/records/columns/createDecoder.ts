import { createAnswerDecoder } from './createAnswerDecoder.js'
import { createTraceDecoder } from './createTraceDecoder.js'
import type { TraceDecoder, TraceFormat } from './TraceDecoder.js'

export function createDecoder(format: TraceFormat, maxLineBytes: number): TraceDecoder {
  return format === 'answer'
    ? createAnswerDecoder({ maxBytes: maxLineBytes })
    : createTraceDecoder(maxLineBytes)
}
