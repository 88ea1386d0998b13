import { isTraceError, TraceError } from '../../src/errors.js'
import type { JobOutcome, JobQueue, ResultLog } from '../ports/index.js'
import { superviseAttempt, type Attempt, type AttemptTimes } from './superviseAttempt.js'

export interface AttemptQueueOptions extends AttemptTimes {
  begin: (jobId: string) => Attempt
  log: Pick<ResultLog, 'finish'>
  /** Attempts at the same time, beside the place for a small job; `0`: none at all. */
  workers: number
  /** Hears of each death of a worker. */
  warn?: (message: string) => void
}

interface WaitingJob {
  jobId: string
  isSmall: boolean
}

interface RunningJob {
  isSmall: boolean
  stop: (reason: TraceError) => void
  over: Promise<void>
}

const MAX_ATTEMPTS = 3
/** Places that large jobs never take. */
const SMALL_PLACES = 1

/**
 * The rules of a `JobQueue` within one process: first come, first served, `workers` at a time and a small job
 * more. An attempt that is cancelled or too long is asked to stop and, after `graceMs`, killed; the queue then ends the
 * job itself. An attempt that dies is begun again, three attempts in all; one that ran out of memory is not, since it
 * would again.
 */
export function createAttemptQueue(options: AttemptQueueOptions): JobQueue {
  const { begin, log, workers, warn = () => {} } = options
  const places = workers === 0 ? 0 : workers + SMALL_PLACES
  const waiting: WaitingJob[] = []
  const running = new Map<string, RunningJob>()
  const deaths = new Map<string, number>()
  let closed = false

  function startWaiting() {
    while (!closed) {
      const next = waiting.findIndex((job) => !running.has(job.jobId) && hasPlace(job))
      if (next === -1) return
      const [job] = waiting.splice(next, 1) as [WaitingJob]
      running.set(job.jobId, run(job))
    }
  }

  function hasPlace({ isSmall }: WaitingJob): boolean {
    const large = [...running.values()].filter((job) => !job.isSmall)
    return running.size < places && (isSmall || large.length < workers)
  }

  function run(job: WaitingJob): RunningJob {
    const { jobId, isSmall } = job
    const attempt = superviseAttempt(begin(jobId), options)
    const over = attempt.over
      .catch((cause: unknown) => settle(job, cause))
      .then(() => {
        running.delete(jobId)
        if (indexOf(jobId) === -1) deaths.delete(jobId)
        startWaiting()
      })
    return { isSmall, stop: attempt.stop, over }
  }

  /** Ends or hands out again a job whose attempt ended without ending it. */
  async function settle(job: WaitingJob, cause: unknown) {
    if (closed) return
    const { jobId } = job
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
    waiting.unshift(job)
  }

  async function end(jobId: string, state: 'failed' | 'cancelled', { code, message }: TraceError) {
    const outcome: JobOutcome = { state, error: { code, message } }
    // A job that is no longer there needs no end.
    await log.finish(jobId, null, outcome).catch((cause: unknown) => warn(`Job ${jobId}: ${String(cause)}`))
  }

  const indexOf = (jobId: string) => waiting.findIndex((job) => job.jobId === jobId)

  return {
    async submit(jobId, { isSmall = false } = {}) {
      if (closed) throw new TraceError('QUEUE_UNAVAILABLE', 'The server is stopping and takes no more jobs')
      // One that is running is begun again when its attempt is over: it may be about to end without ending the job.
      if (indexOf(jobId) === -1) waiting.push({ jobId, isSmall })
      startWaiting()
    },

    async cancel(jobId) {
      const index = indexOf(jobId)
      if (index !== -1) {
        waiting.splice(index, 1)
        await end(jobId, 'cancelled', cancelled())
      }
      running.get(jobId)?.stop(cancelled())
    },

    async place(jobId) {
      const index = indexOf(jobId)
      if (index !== -1) {
        const { isSmall } = waiting[index]!
        return waiting.slice(0, index).filter((job) => job.isSmall === isSmall).length
      }
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
