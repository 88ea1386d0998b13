export { createTraceHandlers, type TraceHandlers, type TraceHandlersOptions } from './createTraceHandlers.js'
export type { Exchange, ExchangeKind, Scenario, WorkerStage } from './Scenario.js'
export {
  combine,
  cutAt,
  damage,
  dropLine,
  duplicate,
  expires,
  happy,
  partial,
  pieces,
  pollFails,
  rateLimited,
  slow,
  slowLineage,
  slowQueue,
  stall,
  streamFails,
  truncateAt,
  unmatched,
  withoutFollow,
  workerDies,
} from './scenarios.js'
export {
  createSyntheticSource,
  exampleValues,
  rowsSource,
  type Clock,
  type RowsSourceOptions,
  type PartialSource,
  type TraceSource,
} from './source.js'
