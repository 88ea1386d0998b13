import type { MeasuredSliceOptions } from '../../async/slices.js'
import type { TraceEnvironment } from '../ports/TraceEnvironment.js'
import type { TraceTransport } from '../ports/TraceTransport.js'
import type { TraceCheckpoint } from './TraceCheckpoint.js'
import type { TracePolicy } from './TracePolicy.js'
import type { TraceDelta } from './TraceUpdate.js'

/** What every request works with. */
export interface TraceContext {
  readonly transport: TraceTransport
  readonly environment: TraceEnvironment
  readonly policy: Readonly<TracePolicy>
  /** Ends all of it at once. */
  readonly signal: AbortSignal
}

/** What every part of a run works with. */
export interface RunContext extends TraceContext {
  /**
   * Tells the reader of the run what has happened, and what that changes in its checkpoint. Resolves when the reader
   * asks for more.
   */
  readonly report: (delta: TraceDelta, changes?: Partial<TraceCheckpoint>) => Promise<void>
}

/** For `runInSlices`: long work is measured by the run's clock, and ends with the run. */
export function slicesOf({ environment: clock, signal }: TraceContext): MeasuredSliceOptions {
  return { clock, signal }
}
