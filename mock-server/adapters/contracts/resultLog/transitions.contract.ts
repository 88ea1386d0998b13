import { describe, expect, it } from 'vitest'
import { isTraceError } from '../../../../src/errors.js'
import type { JobOutcome, NewLogEntry, ResultLog } from '../../../ports/index.js'
import {
  conditionOf,
  JOB_EVENTS,
  JOB_TRANSITIONS,
  type JobCondition,
  type JobEvent,
} from '../../../ports/jobStates.js'
import { at, commitOf, gone, job, snapshotOf, start, type LogFixture } from './logFixture.js'

const COMPLETED: JobOutcome = { state: 'completed', aggregation: null }
const FAILED: JobOutcome = { state: 'failed', error: gone }
const CANCELLED: JobOutcome = { state: 'cancelled', error: { code: 'JOB_CANCELLED', message: 'cancelled' } }

type Path = readonly JobEvent[]

/** How a job comes into each condition. */
const PATHS: Record<JobCondition, Path> = {
  queued: [],
  running: ['open'],
  cancelling: ['open', 'cancel'],
  completed: ['open', 'complete'],
  partial: ['open', 'complete'],
  failed: ['open', 'fail'],
  cancelled: ['open', 'endCancelled'],
}

/** Makes a job and brings it into `condition`; `try` tries an event, and says whether the log took it. */
async function prepare(log: ResultLog, condition: JobCondition) {
  let lease = 0
  let head = 1

  /** Throws what the log throws; `false` when it says that nothing was done. */
  async function apply(event: JobEvent): Promise<boolean> {
    const before = await snapshotOf(log)
    switch (event) {
      case 'join':
        return log.join('j', 'another')
      case 'open':
        lease = (await log.open('j')).lease
        return true
      case 'commit':
        await log.commit('j', lease, commitOf([start(head + 1)], { history: at(0) }))
        head += 1
        return true
      case 'complete':
      case 'fail':
      case 'endCancelled':
        await log.finish('j', lease, { complete: COMPLETED, fail: FAILED, endCancelled: CANCELLED }[event])
        return true
      case 'giveUp':
      case 'drop':
        await log.finish('j', null, event === 'drop' ? CANCELLED : FAILED)
        // The queue does not mind that a job has ended; then nothing changes.
        return before.completedAtMs === null
      case 'cancel':
        return (await log.leave('j', null)) === 'cancelled'
      case 'retry':
        return log.reopen('j', 'another')
    }
  }

  await log.create(job('j'))
  for (const event of PATHS[condition]) {
    if (condition === 'partial' && event === 'complete') {
      const failed: NewLogEntry = {
        seq: 3,
        domain: 'history',
        type: 'domain_failed',
        code: 'JOB_FAILED',
        fromSeq: 2,
      }
      await log.commit('j', lease, commitOf([start(2), failed], { history: at(20), holds: at(20) }))
      head = 3
    }
    expect(await apply(event), `${event} on the way to ${condition}`).toBe(true)
  }
  return {
    async try(event: JobEvent): Promise<boolean> {
      try {
        return await apply(event)
      } catch (cause) {
        if (isTraceError(cause) && ['STALE_LEASE', 'JOB_CANCELLED'].includes(cause.code)) return false
        throw cause
      }
    },
  }
}

/** Every transition of `ports/jobStates.ts` works, and every other is refused and changes nothing. */
export function describeTransitions({ makeHarness }: LogFixture) {
  describe('transitions', () => {
    const conditions = Object.keys(PATHS) as JobCondition[]
    it.each(conditions)('of a job that is %s', async (condition) => {
      for (const event of JOB_EVENTS) {
        const { log } = await makeHarness()
        await log.delete('j')
        const prepared = await prepare(log, condition)
        const before = await snapshotOf(log)
        expect(conditionOf(before)).toBe(condition)

        const after = JOB_TRANSITIONS[condition][event]
        expect(await prepared.try(event), `${event} of ${condition}`).toBe(after !== undefined)
        const snapshot = await snapshotOf(log)
        expect(conditionOf(snapshot), `after ${event} of ${condition}`).toBe(after ?? condition)
        if (after === undefined) expect(snapshot).toEqual(before)
      }
    })
  })
}
