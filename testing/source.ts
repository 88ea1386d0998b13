// Apart from the handlers: their types need msw.
export { rowsSource, type RowsSourceOptions } from './rowsSource.js'
export { createSyntheticSource } from '../mock-server/adapters/synthetic/createSyntheticSource.js'
export { exampleValues } from '../mock-server/adapters/synthetic/exampleValues.js'
export type { Clock, PartialSource, TraceSource } from '../mock-server/ports/index.js'
