import type { Clock } from '../../async/clock.js'
import type { SliceOptions } from '../../async/slices.js'
import type { TraceEnvironment } from '../ports/TraceEnvironment.js'
import type { TraceTransport } from '../ports/TraceTransport.js'
import type { TracePolicy } from './TracePolicy.js'

/** What every part of a run works with. */
export interface TraceContext {
  readonly transport: TraceTransport
  readonly environment: TraceEnvironment
  readonly policy: Readonly<TracePolicy>
  /** Ends the whole run at once. */
  readonly signal: AbortSignal
}

/** For `runInSlices`: long work pauses by the run's clock, and ends with the run. */
export function slicesOf({
  environment: clock,
  signal,
}: Pick<TraceContext, 'environment' | 'signal'>): SliceOptions & { clock: Clock } {
  return { clock, signal }
}
