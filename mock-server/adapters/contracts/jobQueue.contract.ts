import { afterEach, describe, expect, it, vi } from 'vitest'
import type { JobQueue, ResultLog } from '../../ports/index.js'
import type { ManualClock } from '../../testing/createManualClock.js'
import { plainJob } from './plainJob.js'

/** What a harness must set its queue up with. */
export const QUEUE_TIMES = { timeoutMs: 60_000, graceMs: 5_000 }

export interface JobQueueHarness {
  /** Made with `QUEUE_TIMES`, `workers`, and the handler `actOut`. */
  queue: JobQueue
  log: ResultLog
  clock: ManualClock
}

/** What every `JobQueue` does. */
export function describeJobQueue(
  name: string,
  makeHarness: (options: { workers: number }) => JobQueueHarness | Promise<JobQueueHarness>,
) {
  let opened: JobQueue[] = []

  async function setUp({ workers = 1 } = {}) {
    const harness = await makeHarness({ workers })
    opened.push(harness.queue)
    const { log, queue } = harness

    async function submit(jobId: string, size?: { isSmall: boolean }) {
      await log.create(plainJob(jobId))
      await queue.submit(jobId, size)
    }

    /** Waits until the job is in `state`, or has ended otherwise. */
    async function reached(jobId: string, state: string) {
      for (;;) {
        const snapshot = await log.snapshot(jobId)
        if (snapshot === null || snapshot === 'expired') throw new Error(`job is ${snapshot}`)
        if (snapshot.state === state) return snapshot
        if (snapshot.completedAtMs !== null) throw new Error(`job has ended ${snapshot.state}`)
        await log.changed(jobId, snapshot, new AbortController().signal)
      }
    }

    return { ...harness, submit, reached }
  }

  afterEach(async () => {
    await Promise.all(opened.map((queue) => queue.close()))
    opened = []
  })

  describe(`JobQueue: ${name}`, () => {
    it('hands a job to a worker', async () => {
      const { submit, reached } = await setUp()
      await submit('quick-1')
      expect(await reached('quick-1', 'completed')).toMatchObject({ attempt: 1 })
    })

    it('serves first come, first, as many at a time as it has workers', async () => {
      const { queue, submit, reached } = await setUp({ workers: 2 })
      for (const n of [1, 2, 3, 4]) await submit(`patient-${n}`)
      await reached('patient-1', 'running')
      await reached('patient-2', 'running')
      expect(await queue.health()).toEqual({ workers: 2, waiting: 2, running: 2 })
      expect(await queue.place('patient-1')).toBe('taken')
      expect(await queue.place('patient-3')).toBe(0)
      expect(await queue.place('patient-4')).toBe(1)

      await queue.cancel('patient-1')
      await reached('patient-3', 'running')
      expect(await queue.place('patient-4')).toBe(0)
    })

    it('keeps a place for small jobs beside large ones', async () => {
      const { queue, log, submit, reached } = await setUp({ workers: 1 })
      const small = { isSmall: true }
      await submit('patient-1')
      await submit('patient-2')
      await submit('patient-small-3', small)
      await submit('patient-small-4', small)
      await submit('quick-small-5', small)
      await reached('patient-1', 'running')
      await reached('patient-small-3', 'running')
      expect(await queue.health()).toEqual({ workers: 1, waiting: 3, running: 2 })
      const places = ['patient-1', 'patient-small-3', 'patient-2', 'patient-small-4', 'quick-small-5']
      const found = await Promise.all(places.map((jobId) => queue.place(jobId)))
      expect(found).toEqual(['taken', 'taken', 0, 0, 1])

      await log.leave('patient-small-4', null)
      await queue.cancel('patient-small-4')
      expect(await log.snapshot('patient-small-4')).toMatchObject({ state: 'cancelled', attempt: 0 })
      await queue.cancel('patient-small-3')
      await reached('patient-small-3', 'cancelled')
      await reached('quick-small-5', 'completed')
      expect(await log.snapshot('patient-2')).toMatchObject({ state: 'queued' })
      await queue.cancel('patient-1')
      await reached('patient-2', 'running')
    })

    it('holds small jobs to the same rules', async () => {
      const { queue, clock, submit, reached } = await setUp({ workers: 1 })
      const small = { isSmall: true }
      await submit('patient-1')
      await reached('patient-1', 'running')
      await submit('fragile-small-2', small)
      expect(await reached('fragile-small-2', 'completed')).toMatchObject({ attempt: 3 })
      await submit('deaf-small-3', small)
      await reached('deaf-small-3', 'running')
      await queue.submit('deaf-small-3', small)
      await queue.cancel('deaf-small-3')
      await clock.advance(QUEUE_TIMES.graceMs)
      expect((await reached('deaf-small-3', 'cancelled')).error?.code).toBe('JOB_CANCELLED')
      await vi.waitUntil(async () => (await queue.place('deaf-small-3')) === null)
      await submit('quick-small-4', small)
      await reached('quick-small-4', 'completed')
    })

    it('hands out once what is submitted again while it waits or runs', async () => {
      const { queue, log, submit, reached } = await setUp({ workers: 2 })
      await submit('patient-1')
      await submit('patient-2')
      await submit('patient-3')
      await reached('patient-1', 'running')
      await reached('patient-2', 'running')
      for (const n of [1, 3, 1, 3]) await queue.submit(`patient-${n}`)
      await queue.cancel('patient-2')
      await reached('patient-3', 'running')
      await queue.cancel('patient-1')
      await queue.cancel('patient-3')
      for (const n of [1, 3]) expect(await reached(`patient-${n}`, 'cancelled')).toMatchObject({ attempt: 1 })
      await submit('quick-4')
      await reached('quick-4', 'completed')
      expect(await log.snapshot('patient-3')).toMatchObject({ state: 'cancelled', attempt: 1 })
    })

    it('drops a waiting job that is cancelled', async () => {
      const { queue, log, submit, reached } = await setUp()
      await submit('patient-1')
      await reached('patient-1', 'running')
      await submit('quick-2')
      await log.leave('quick-2', null)
      await queue.cancel('quick-2')
      expect(await queue.place('quick-2')).toBeNull()
      await queue.cancel('patient-1')
      await reached('patient-1', 'cancelled')
      expect(await log.snapshot('quick-2')).toMatchObject({ state: 'cancelled', attempt: 0 })
    })

    it("aborts a running job's signal with the reason that it was cancelled", async () => {
      const { queue, submit, reached } = await setUp()
      await submit('patient-1')
      await reached('patient-1', 'running')
      await queue.cancel('patient-1')
      await queue.cancel('patient-1')
      const { error } = await reached('patient-1', 'cancelled')
      expect(error).toEqual({ code: 'JOB_CANCELLED', message: 'heard: The job was cancelled' })
    })

    it('cancels nothing when there is nothing to cancel', async () => {
      const { queue, submit, reached } = await setUp()
      expect(await queue.place('nobody')).toBeNull()
      await queue.cancel('nobody')
      await submit('quick-1')
      await reached('quick-1', 'completed')
      await queue.cancel('quick-1')
      // A job has ended a moment before its attempt has.
      await vi.waitUntil(async () => (await queue.place('quick-1')) === null)
    })

    it('ends a cancelled job itself when its worker will not hear', async () => {
      const { queue, clock, submit, reached } = await setUp()
      await submit('deaf-1')
      await reached('deaf-1', 'running')
      await queue.cancel('deaf-1')
      await clock.advance(QUEUE_TIMES.graceMs)
      expect((await reached('deaf-1', 'cancelled')).error?.code).toBe('JOB_CANCELLED')
      await submit('quick-2')
      await reached('quick-2', 'completed')
    })

    it('asks a job that takes too long to stop', async () => {
      const { clock, submit, reached } = await setUp()
      await submit('patient-1')
      await reached('patient-1', 'running')
      await clock.advance(QUEUE_TIMES.timeoutMs)
      const { error } = await reached('patient-1', 'failed')
      expect(error).toEqual({ code: 'JOB_TIMEOUT', message: 'heard: The job took longer than 60 s' })
    })

    it('ends a job that takes too long and will not hear', async () => {
      const { clock, submit, reached } = await setUp()
      await submit('deaf-1')
      await reached('deaf-1', 'running')
      await clock.advance(QUEUE_TIMES.timeoutMs + QUEUE_TIMES.graceMs)
      expect((await reached('deaf-1', 'failed')).error?.code).toBe('JOB_TIMEOUT')
    })

    it('hands a job out again when its worker dies', async () => {
      const { submit, reached } = await setUp()
      await submit('fragile-1')
      expect(await reached('fragile-1', 'completed')).toMatchObject({ attempt: 3 })
    })

    it('gives a job up at the third death', async () => {
      const { submit, reached } = await setUp()
      await submit('broken-1')
      const snapshot = await reached('broken-1', 'failed')
      expect(snapshot).toMatchObject({ attempt: 3, error: { code: 'WORKER_LOST' } })
      expect(snapshot.error?.message).toContain('broken for good')
      await submit('quick-2')
      await reached('quick-2', 'completed')
    })

    it('takes no more jobs once closed, and leaves unfinished ones as they are', async () => {
      const { queue, log, submit, reached } = await setUp()
      await submit('patient-1')
      await submit('quick-2')
      await reached('patient-1', 'running')
      await queue.close()
      await expect(queue.submit('quick-3')).rejects.toMatchObject({ code: 'QUEUE_UNAVAILABLE' })
      expect((await queue.health()).workers).toBe(0)
      expect(await log.snapshot('patient-1')).toMatchObject({ state: 'running' })
      expect(await log.snapshot('quick-2')).toMatchObject({ state: 'queued' })
      await queue.close()
    })
  })
}
