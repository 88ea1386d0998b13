export * from '../src/errors.js'
export type {
  CancelAnswer,
  TraceCheckpoint,
  TraceEnvironment,
  TracePolicy,
  TraceQuestion,
  TraceTransport,
  TransportRequest,
  TransportResponse,
} from '../src/client/index.js'
export { DEFAULT_POLICY } from '../src/client/index.js'
export type { FetchTransportOptions, HeaderValues } from '../src/browser/index.js'
export type {
  Catalogues,
  Locale,
  MessageCatalogue,
  PartialCatalogue,
  WaitReason,
} from '../src/messages/index.js'
export type * from '../src/protocol/model.js'
export * from '../src/protocol/vocabulary.js'
export { RecordList } from '../src/records/index.js'
export type { RecordBatch, RecordColumn, Row } from '../src/records/index.js'
export { createTrace, type TraceSettings } from './createTrace/createTrace.js'
export type { RememberedJob } from './rememberedJobs/RememberedJob.js'
export type * from './useTraceProgress/TraceState.js'
export * from './useTraceProgress/useTraceProgress.js'
export type * from './useTraceProgress/UseTraceProgressReturn.js'
export * from './useJobPolling/useJobPolling.js'
export * from './useNdjsonStream/useNdjsonStream.js'
export * from './useTraceJobs/useTraceJobs.js'
