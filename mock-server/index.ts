/** What a source of one's own, and a config file around it, are written with. */
export { isTraceError, TraceError, type TraceErrorCode } from '../src/errors.js'
export type {
  Choice,
  ColumnDescription,
  ColumnKind,
  ColumnRole,
  Direction,
  DomainDescription,
  ParamDescription,
  ProfileDescription,
  SourceDescription,
  SourceDescriptionInput,
  Title,
} from '../src/protocol/index.js'
export { createTraceServer, type TraceServerOptions } from './createTraceServer.js'
export { defineTraceServer, type TraceServer, type TraceServerConfig } from './defineTraceServer.js'
export type * from './ports/TraceSource.js'
