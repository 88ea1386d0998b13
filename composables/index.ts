// What dashboard pages need, by name: `scripts/publicApi.test.ts` holds the list against its snapshot.

export {
  isTraceError,
  isTraceErrorCode,
  toTraceError,
  TRACE_ERRORS,
  TraceError,
  type TraceErrorCode,
  type TraceErrorOptions,
} from '../src/errors.js'
export type { CancelAnswer } from '../src/client/job/cancelJob.js'
export type { Clock } from '../src/async/clock.js'
export type {
  NetworkStatus,
  PageVisibility,
  StreamDecoder,
  TraceEnvironment,
} from '../src/client/ports/TraceEnvironment.js'
export type {
  TraceTransport,
  TransportRequest,
  TransportResponse,
} from '../src/client/ports/TraceTransport.js'
export type { TraceCheckpoint } from '../src/client/run/TraceCheckpoint.js'
export { DEFAULT_POLICY, type TracePolicy } from '../src/client/run/TracePolicy.js'
export type { TraceQuestion } from '../src/client/run/TraceQuestion.js'
export type { FetchTransportOptions, HeaderValues } from '../src/browser/createFetchTransport.js'
export type {
  Catalogues,
  Locale,
  MessageCatalogue,
  PartialCatalogue,
  WaitReason,
} from '../src/messages/MessageCatalogue.js'
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
} from '../src/protocol/model.js'
export { titleOf } from '../src/protocol/described.js'
export type {
  ColumnDescription,
  ColumnKind,
  ColumnRole,
  DomainDescription,
  ParamDescription,
  ProfileDescription,
  SourceDescription,
  Title,
} from '../src/protocol/description.js'
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
} from '../src/protocol/vocabulary.js'
export type { RecordBatch } from '../src/records/RecordBatch.js'
export type { RecordColumn } from '../src/records/RecordColumn.js'
export { RecordList } from '../src/records/RecordList.js'
export type { Row } from '../src/records/Row.js'

export { createTrace, type TraceSettings } from './createTrace/createTrace.js'
export type { RememberedJob } from './rememberedJobs.js'
export { useJobPolling, type StatusReader, type UseJobPollingReturn } from './useJobPolling/useJobPolling.js'
export {
  useNdjsonStream,
  type UseNdjsonStreamOptions,
  type UseNdjsonStreamReturn,
} from './useNdjsonStream/useNdjsonStream.js'
export {
  useTraceDescription,
  type UseTraceDescriptionReturn,
} from './useTraceDescription/useTraceDescription.js'
export { useTraceJobs, type UseTraceJobsReturn } from './useTraceJobs/useTraceJobs.js'
export type {
  AnyDomains,
  DomainRecords,
  EventsSummary,
  JobProgressFacts,
  RunningState,
  StageCounts,
  StageErrors,
  StageResults,
  TraceFacts,
  TraceState,
  TraceStatus,
} from './useTraceProgress/TraceState.js'
export { useTraceProgress } from './useTraceProgress/useTraceProgress.js'
export type {
  JobProgress,
  UseTraceProgressOptions,
  UseTraceProgressReturn,
} from './useTraceProgress/UseTraceProgressReturn.js'
