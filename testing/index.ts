export { createTraceHandlers, type TraceHandlers, type TraceHandlersOptions } from './createTraceHandlers.js'
export type { Exchange, ExchangeKind, Scenario } from './Scenario.js'
export * from './scenarios.js'
export * from './source.js'
