import { type LinkedSignal, untilAborted } from '../../async/abort.js'
import { TraceError } from '../../errors.js'
import type { TraceEnvironment } from '../ports/TraceEnvironment.js'

/**
 * What `run` gives, if it does so within `ms`; after that `link` is aborted.
 *
 * @throws {TraceError} `REQUEST_TIMEOUT`
 * @throws `link.signal.reason` at once on abort
 */
export async function withDeadline<T>(
  ms: number,
  link: LinkedSignal,
  environment: TraceEnvironment,
  run: () => Promise<T>,
): Promise<T> {
  const timer = new AbortController()
  environment.sleep(ms, timer.signal).then(
    () => link.abort(new TraceError('REQUEST_TIMEOUT', `No answer came within ${ms / 1000} s`)),
    () => {},
  )
  try {
    return await untilAborted(link.signal, run())
  } finally {
    timer.abort()
  }
}
