import { describe, expect, it } from 'vitest'
import type { JobSnapshot } from '../../ports/index.js'
import { describeProgress } from './describeProgress.js'

const running: JobSnapshot = {
  jobId: 'j',
  owner: '',
  profile: 'query_tool',
  domains: ['history', 'materials'].map((name) => ({ name, state: 'running', rows: 0, code: null })),
  cidCount: 1000,
  createdAtMs: 0,
  state: 'running',
  phase: 'fetching',
  epoch: 'e',
  attempt: 1,
  head: 9,
  checkpoint: { domainIndex: 1, idBatchesDone: 5, rowsDone: 0 },
  currentDomain: 'materials',
  cidsDone: 500,
  rows: 15_000,
  textBytes: 5_000_000,
  startedAtMs: 10_000,
  completedAtMs: null,
  expiresAtMs: 0,
  error: null,
  cancelRequested: false,
}

describe('describeProgress', () => {
  it('counts domains and CIDs, and tells the time left from the time taken', () => {
    expect(describeProgress(running, 25_000, null)).toEqual({
      phase: 'fetching',
      domain: 'materials',
      cids_done: 500,
      cids_total: 1000,
      rows: 15_000,
      bytes: 5_000_000,
      fraction: 0.75,
      rows_per_second: 1000,
      eta_seconds: 5,
      queue_position: null,
      attempt: 1,
    })
  })

  it('knows nothing of a queued job but its place', () => {
    const queued: JobSnapshot = {
      ...running,
      state: 'queued',
      phase: 'queued',
      checkpoint: { domainIndex: 0, idBatchesDone: 0, rowsDone: 0 },
      currentDomain: null,
      cidsDone: 0,
      rows: 0,
      startedAtMs: null,
    }
    expect(describeProgress(queued, 25_000, 3)).toMatchObject({
      phase: 'queued',
      fraction: null,
      rows_per_second: null,
      eta_seconds: null,
      queue_position: 3,
    })
  })

  it('ventures no time left from the first crumbs', () => {
    const begun = {
      ...running,
      checkpoint: { domainIndex: 0, idBatchesDone: 0, rowsDone: 500 },
      cidsDone: 10,
    }
    expect(describeProgress(begun, 25_000, null)).toMatchObject({ fraction: 0.005, eta_seconds: null })
  })

  it('says that a cancelled job is being cancelled, and that an ended one is done', () => {
    expect(describeProgress({ ...running, cancelRequested: true }, 0, null).phase).toBe('cancelling')
    const failed: JobSnapshot = { ...running, state: 'failed', completedAtMs: 25_000 }
    expect(describeProgress(failed, 99_000, null)).toMatchObject({ phase: 'done', rows_per_second: 1000 })
    expect(describeProgress({ ...failed, state: 'completed' }, 99_000, null).fraction).toBe(1)
  })
})
