// What programs without Vue need, by name: `scripts/publicApi.test.ts` holds the list against its snapshot.

export {
  isTraceError,
  isTraceErrorCode,
  toTraceError,
  TRACE_ERRORS,
  TraceError,
  type TraceErrorCode,
  type TraceErrorOptions,
} from './errors.js'

// A run, and its parts.
export { runTrace, type RunTraceOptions } from './client/run/runTrace.js'
export { DEFAULT_POLICY, type TracePolicy } from './client/run/TracePolicy.js'
export type { TraceCheckpoint } from './client/run/TraceCheckpoint.js'
export type { TraceContext } from './client/run/TraceContext.js'
export type { TracePipeline } from './client/run/TracePipeline.js'
export type { TraceQuestion } from './client/run/TraceQuestion.js'
export type { TraceDelta, TraceOutcome, TraceStep, TraceUpdate } from './client/run/TraceUpdate.js'
export type { DomainPosition, StreamPosition } from './client/judge/StreamPosition.js'
export { cancelJob, type CancelAnswer } from './client/job/cancelJob.js'
export { fetchDescription } from './client/describe/fetchDescription.js'
export { pollTraceJob, type PolledJob } from './client/job/pollJob.js'
export { readNdjson } from './client/http/readNdjson.js'

// The world around a run: bring your own, or take the browser's.
export type { Clock } from './async/clock.js'
export type {
  NetworkStatus,
  PageVisibility,
  StreamDecoder,
  TraceEnvironment,
} from './client/ports/TraceEnvironment.js'
export type { TraceTransport, TransportRequest, TransportResponse } from './client/ports/TraceTransport.js'
export {
  createBrowserEnvironment,
  type BrowserEnvironmentOptions,
} from './browser/createBrowserEnvironment.js'
export {
  createFetchTransport,
  type FetchTransportOptions,
  type HeaderValues,
} from './browser/createFetchTransport.js'
export {
  createWorkerDecoder,
  type WorkerDecoder,
  type WorkerDecoderOptions,
} from './browser/decodeWorker/page.js'

// Bytes to rows.
export { decodeTraceStream, type DecodeOptions } from './records/decodeTraceStream.js'
export type { TraceFormat } from './records/columns/TraceDecoder.js'
export { createNdjsonDecoder, type NdjsonDecoder, type NdjsonOptions } from './json/createNdjsonDecoder.js'
export { readChunks, type ByteSource } from './json/readChunks.js'
export { RecordList } from './records/RecordList.js'
export { RecordView, type RecordRows } from './records/RecordView.js'
export type { RecordBatch } from './records/RecordBatch.js'
export type { BatchStore, RecordColumn } from './records/RecordColumn.js'
export type { ColumnName, Row, RowTest, SortOrder } from './records/Row.js'
export { rowsToBatch } from './records/rowsToBatch.js'
export type { SliceOptions } from './async/slices.js'

// Words for people.
export { messageOf } from './messages/messageOf.js'
export { progressText, waitText } from './messages/progressText.js'
export type {
  Catalogues,
  Locale,
  MessageCatalogue,
  PartialCatalogue,
  ProgressTexts,
  WaitReason,
} from './messages/MessageCatalogue.js'

// The wire.
export { LIMITS } from './protocol/limits.js'
export type { WireLine, WireLineOf, WireLineType } from './protocol/lines.js'
export type {
  DomainAnswer,
  EventsAnswer,
  JobAccepted,
  JobProgressDetail,
  JobStatus,
  LineageAnswer,
  Seed,
  SeedAnswer,
  StreamEvent,
  Unmatched,
} from './protocol/model.js'
export { titleOf } from './protocol/described.js'
export type {
  ColumnDescription,
  ColumnKind,
  ColumnRole,
  DomainDescription,
  ParamDescription,
  ProfileDescription,
  SourceDescription,
  Title,
} from './protocol/description.js'
export {
  defaultDomains,
  DIRECTIONS,
  DOMAINS,
  isTerminal,
  JOB_PHASES,
  JOB_STATES,
  lineageDirection,
  PROFILES,
  RESOLVE_TYPES,
  STAGES,
  type Direction,
  type Domain,
  type JobPhase,
  type JobState,
  type Profile,
  type ResolveType,
  type Stage,
} from './protocol/vocabulary.js'
