import { TraceError } from '../../src/errors.js'
import type { Clock } from '../ports/index.js'

/** An attempt that has begun, wherever it runs. */
export interface Attempt {
  /** Resolves when the handler has ended the job; rejects when it died, or handed the job back. */
  done: Promise<void>
  /** Asks it to stop, with the `TraceError` its signal aborts with. */
  abort: (reason: TraceError) => void
  /** Ends it for good where that is possible. */
  kill: () => void
}

export interface AttemptTimes {
  clock: Clock
  /** Longest time of one attempt. */
  timeoutMs: number
  /** How long an attempt may take to stop when asked to; default 5 s. */
  graceMs?: number
}

export interface SupervisedAttempt {
  /** Asks the attempt to stop and, when it has not after a while, kills it. The first reason counts. */
  stop: (reason: TraceError) => void
  /** As the attempt's `done`, but not later than its killing; rejects with the reason it was stopped for, if it was. */
  over: Promise<void>
}

/** Holds an attempt to its time. */
export function superviseAttempt(
  attempt: Attempt,
  { clock, timeoutMs, graceMs = 5_000 }: AttemptTimes,
): SupervisedAttempt {
  const ended = new AbortController()
  let stopReason: TraceError | null = null
  let killed: (reason: TraceError) => void
  const death = new Promise<never>((_, reject) => (killed = reject))

  /** Unless the attempt ends before. */
  function after(ms: number, act: () => void) {
    clock.sleep(ms, ended.signal).then(act, () => {})
  }

  function stop(reason: TraceError) {
    if (stopReason) return
    stopReason = reason
    attempt.abort(reason)
    after(graceMs, () => {
      attempt.kill()
      killed(reason)
    })
  }

  after(timeoutMs, () => {
    const limit = `${Math.round(timeoutMs / 1000)} s`
    stop(new TraceError('JOB_TIMEOUT', `The job took longer than ${limit}`))
  })

  const over = Promise.race([attempt.done, death])
    .catch((cause: unknown) => {
      throw stopReason ?? cause
    })
    .finally(() => ended.abort())
  return { stop, over }
}
