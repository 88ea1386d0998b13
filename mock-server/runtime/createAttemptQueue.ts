import { isTraceError, TraceError } from '../../src/errors.js'
import type { JobOutcome, JobQueue, ResultLog } from '../ports/index.js'
import { superviseAttempt, type Attempt, type AttemptTimes } from './superviseAttempt.js'

export interface AttemptQueueOptions extends AttemptTimes {
  begin: (jobId: string) => Attempt
  log: Pick<ResultLog, 'finish'>
  /** Attempts at the same time. */
  workers: number
  /** Hears of each death of a worker. */
  warn?: (message: string) => void
}

const MAX_ATTEMPTS = 3

/**
 * The rules of a `JobQueue` within one process: first come, first served, `workers` at a time. An attempt that is
 * cancelled or too long is asked to stop and, after `graceMs`, killed; the queue then ends the job itself. A
 * attempt that dies is begun again, three attempts in all; one that ran out of memory is not, since it would again.
 */
export function createAttemptQueue(options: AttemptQueueOptions): JobQueue {
  const { begin, log, workers, warn = () => {} } = options
  const waiting: string[] = []
  const running = new Map<string, { stop: (reason: TraceError) => void; over: Promise<void> }>()
  const deaths = new Map<string, number>()
  let closed = false

  function startWaiting() {
    while (!closed && running.size < workers) {
      const next = waiting.findIndex((jobId) => !running.has(jobId))
      if (next === -1) return
      const [jobId] = waiting.splice(next, 1) as [string]
      running.set(jobId, run(jobId))
    }
  }

  function run(jobId: string) {
    const attempt = superviseAttempt(begin(jobId), options)
    const over = attempt.over
      .catch((cause: unknown) => settle(jobId, cause))
      .then(() => {
        running.delete(jobId)
        if (!waiting.includes(jobId)) deaths.delete(jobId)
        startWaiting()
      })
    return { stop: attempt.stop, over }
  }

  /** Ends or hands out again a job whose attempt ended without ending it. */
  async function settle(jobId: string, cause: unknown) {
    if (closed) return
    const code = isTraceError(cause) ? cause.code : null
    if (code === 'JOB_CANCELLED') return end(jobId, 'cancelled', cause as TraceError)
    if (code === 'JOB_TIMEOUT' || code === 'JOB_OUT_OF_MEMORY')
      return end(jobId, 'failed', cause as TraceError)

    const count = (deaths.get(jobId) ?? 0) + 1
    const why = cause instanceof Error ? cause.message : String(cause)
    warn(`The worker of job ${jobId} died (${count} of ${MAX_ATTEMPTS}): ${why}`)
    if (count >= MAX_ATTEMPTS) {
      const message = `The job's worker died ${MAX_ATTEMPTS} times; the last time it said: ${why}`
      return end(jobId, 'failed', new TraceError('WORKER_LOST', message))
    }
    deaths.set(jobId, count)
    waiting.unshift(jobId)
  }

  async function end(jobId: string, state: 'failed' | 'cancelled', { code, message }: TraceError) {
    const outcome: JobOutcome = { state, error: { code, message } }
    // A job that is no longer there needs no end.
    await log.finish(jobId, null, outcome).catch((cause: unknown) => warn(`Job ${jobId}: ${String(cause)}`))
  }

  return {
    async submit(jobId) {
      if (closed) throw new TraceError('QUEUE_UNAVAILABLE', 'The server is stopping and takes no more jobs')
      // One that is running is begun again when its attempt is over: it may be about to end without ending the job.
      if (!waiting.includes(jobId)) waiting.push(jobId)
      startWaiting()
    },

    async cancel(jobId) {
      const index = waiting.indexOf(jobId)
      if (index !== -1) {
        waiting.splice(index, 1)
        await end(jobId, 'cancelled', cancelled())
      }
      running.get(jobId)?.stop(cancelled())
    },

    async place(jobId) {
      const index = waiting.indexOf(jobId)
      if (index !== -1) return index
      return running.has(jobId) ? 'taken' : null
    },

    async health() {
      return { workers: closed ? 0 : workers, waiting: waiting.length, running: running.size }
    },

    async close() {
      closed = true
      const attempts = [...running.values()]
      for (const { stop } of attempts) stop(new TraceError('QUEUE_UNAVAILABLE', 'The server is stopping'))
      await Promise.all(attempts.map(({ over }) => over))
    },
  }
}

function cancelled(): TraceError {
  return new TraceError('JOB_CANCELLED', 'The job was cancelled')
}
