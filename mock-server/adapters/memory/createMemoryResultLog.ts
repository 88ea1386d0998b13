import { TraceError } from '../../../src/errors.js'
import { isTerminal } from '../../../src/protocol/index.js'
import type { Clock, ResultLog } from '../../ports/index.js'
import { isAllowed } from '../../ports/jobStates.js'
import { storeFull, type ByteBudget } from './createByteBudget.js'
import { createTombstones } from './createTombstones.js'
import {
  append,
  beginAttempt,
  bytesOf,
  checkLease,
  checkSequence,
  copySnapshot,
  end,
  makeJob,
  META_SEQ,
  requeue,
  type MemoryJob,
} from './memoryJob.js'

/** What a writer does by ending its job in a state. */
const ENDING = { completed: 'complete', failed: 'fail', cancelled: 'endCancelled' } as const

/** What a job without rows takes, roughly. */
const JOB_BYTES = 2048

export interface MemoryResultLogOptions {
  clock: Clock
  budget: ByteBudget
  /** How long a job is kept once it has ended. */
  ttlSeconds: number
  /** How long a job is kept that shows no sign of life: its timeout and `ttlSeconds`. */
  unfinishedTtlSeconds: number
}

/**
 * Jobs in this process's memory, within `budget`. `sweep()` frees what has expired; `dropOldestEnded()` gives
 * up one ended job before its time.
 */
export function createMemoryResultLog(options: MemoryResultLogOptions) {
  const { clock, budget } = options
  const jobs = new Map<string, MemoryJob>()
  const tombstones = createTombstones(clock)

  /** The job unless its time is over: then only its tombstone is left. */
  function find(jobId: string): MemoryJob | undefined {
    const job = jobs.get(jobId)
    if (job && job.snapshot.expiresAtMs <= clock.now()) {
      remove(job)
      tombstones.add(jobId)
      return undefined
    }
    return job
  }

  function get(jobId: string): MemoryJob {
    const job = find(jobId)
    if (!job) throw new TraceError('JOB_NOT_FOUND', `There is no job ${jobId} (any more)`)
    return job
  }

  function getToRead(jobId: string): MemoryJob {
    const job = find(jobId)
    if (!job && tombstones.has(jobId)) {
      throw new TraceError('JOB_RESULT_EXPIRED', 'The job and its rows have expired while they were read')
    }
    return job ?? get(jobId)
  }

  function remove(job: MemoryJob) {
    jobs.delete(job.snapshot.jobId)
    budget.give(job.storedBytes)
    wake(job)
  }

  function wake({ waiters }: MemoryJob) {
    for (const waiter of [...waiters]) waiter()
  }

  function take(job: MemoryJob, bytes: number) {
    if (!budget.take(bytes)) {
      const limit = Math.floor(budget.limitBytes / 2 ** 20)
      throw new TraceError(
        'RESULT_TOO_LARGE',
        `The result does not fit into the server's memory for results (${limit} MB); ask for less`,
      )
    }
    job.storedBytes += bytes
  }

  function postpone({ snapshot }: MemoryJob) {
    snapshot.expiresAtMs = clock.now() + options.unfinishedTtlSeconds * 1000
  }

  function cancel(job: MemoryJob) {
    const { snapshot } = job
    snapshot.cancelRequested = true
    if (snapshot.state === 'queued') {
      const error = { code: 'JOB_CANCELLED' as const, message: 'The job was cancelled before it began' }
      end(job, { state: 'cancelled', error }, clock.now(), options.ttlSeconds * 1000)
    }
    wake(job)
  }

  const log: ResultLog = {
    async create(descriptor) {
      if (!budget.take(JOB_BYTES)) throw storeFull(budget)
      const job = makeJob(descriptor, crypto.randomUUID(), 0)
      job.storedBytes = JOB_BYTES
      postpone(job)
      jobs.set(descriptor.jobId, job)
    },

    async snapshot(jobId) {
      const job = find(jobId)
      if (job) return copySnapshot(job.snapshot)
      return tombstones.has(jobId) ? 'expired' : null
    },

    async open(jobId) {
      const job = get(jobId)
      beginAttempt(job, clock.now())
      postpone(job)
      wake(job)
      return { lease: job.lease, snapshot: copySnapshot(job.snapshot) }
    },

    async commit(jobId, lease, commit) {
      const job = get(jobId)
      checkLease(job, lease, 'commit')
      checkSequence(job, commit.entries)
      take(job, bytesOf(commit))
      append(job, commit)
      postpone(job)
      wake(job)
    },

    async finish(jobId, lease, outcome) {
      const job = get(jobId)
      if (lease !== null) checkLease(job, lease, ENDING[outcome.state])
      else if (!isAllowed(job.snapshot, outcome.state === 'cancelled' ? 'drop' : 'giveUp')) return
      if (outcome.state === 'completed' && outcome.aggregation) {
        take(job, outcome.aggregation.bytes.length)
        job.aggregation = outcome.aggregation
      }
      end(job, outcome, clock.now(), options.ttlSeconds * 1000)
      wake(job)
    },

    async join(jobId, ticket) {
      const job = get(jobId)
      if (!isAllowed(job.snapshot, 'join')) return false
      job.tickets.add(ticket)
      return true
    },

    async leave(jobId, ticket) {
      const job = get(jobId)
      if (!isAllowed(job.snapshot, 'cancel')) return 'ended'
      const hadTicket = ticket === null ? job.tickets.size <= 1 : job.tickets.delete(ticket)
      if (hadTicket && (ticket === null || job.tickets.size === 0)) cancel(job)
      return job.snapshot.cancelRequested ? 'cancelled' : 'wanted'
    },

    async reopen(jobId, ticket) {
      const job = get(jobId)
      const aggregationBytes = job.aggregation?.bytes.length ?? 0
      if (!requeue(job)) return false
      budget.give(aggregationBytes)
      job.storedBytes -= aggregationBytes
      job.tickets = new Set([ticket])
      postpone(job)
      wake(job)
      return true
    },

    async entries(jobId, afterSeq, limit) {
      const from = Math.max(0, afterSeq - META_SEQ)
      return getToRead(jobId).entries.slice(from, from + limit)
    },

    async chunk(jobId, seq) {
      const chunk = getToRead(jobId).chunks.get(seq)
      if (chunk) return chunk
      throw new TraceError('CHUNK_MISSING', `Rows of job ${jobId} are no longer here (line ${seq})`)
    },

    async *list(jobId, list) {
      // Those there are now: a commit may come while they are read.
      const count = getToRead(jobId).lists.get(list)?.length ?? 0
      for (let n = 0; n < count; n++) yield getToRead(jobId).lists.get(list)![n]!
    },

    async aggregation(jobId) {
      return getToRead(jobId).aggregation
    },

    changed(jobId, seen, signal) {
      return new Promise((resolve) => {
        const job = find(jobId)
        const now = job?.snapshot
        const same = now && now.head === seen.head && now.state === seen.state && now.epoch === seen.epoch
        if (!job || !same || signal.aborted) return resolve()
        const wakeUp = () => {
          job.waiters.delete(wakeUp)
          signal.removeEventListener('abort', wakeUp)
          resolve()
        }
        job.waiters.add(wakeUp)
        signal.addEventListener('abort', wakeUp)
      })
    },

    async delete(jobId) {
      const job = jobs.get(jobId)
      if (job) remove(job)
    },
  }

  return {
    ...log,
    sweep() {
      for (const jobId of jobs.keys()) find(jobId)
      tombstones.sweep()
    },
    dropOldestEnded(): boolean {
      for (const job of jobs.values()) {
        if (!isTerminal(job.snapshot.state)) continue
        remove(job)
        tombstones.add(job.snapshot.jobId)
        return true
      }
      return false
    },
  }
}
