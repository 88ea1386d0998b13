import { describe, expect, it } from 'vitest'
import type { DomainSnapshot, JobSnapshot } from '../../ports/index.js'
import { describeProgress } from './describeProgress.js'

const domain = (name: string, state: DomainSnapshot['state']): DomainSnapshot => ({
  ...{ name, state, rows: 0, code: null },
  checkpoint: { idsDone: 0, placesDone: [] },
})

const running: JobSnapshot = {
  jobId: 'j',
  owner: '',
  kind: 'events',
  profile: 'query_tool',
  domains: [domain('history', 'done'), domain('materials', 'running')],
  cidCount: 1000,
  createdAtMs: 0,
  state: 'running',
  phase: 'fetching',
  epoch: 'e',
  attempt: 1,
  head: 9,
  stages: { seedsAfter: null, areSeedsDone: false, seedsTraced: 0 },
  currentDomain: 'materials',
  cidsDone: 500,
  seedsDone: 0,
  seedsTotal: null,
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
    expect(describeProgress(running, 25_000, null, null)).toEqual({
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
      domains: [domain('history', 'waiting'), domain('materials', 'waiting')],
      currentDomain: null,
      cidsDone: 0,
      rows: 0,
      startedAtMs: null,
    }
    expect(describeProgress(queued, 25_000, 3, null)).toMatchObject({
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
      domains: [domain('history', 'running'), domain('materials', 'waiting')],
      currentDomain: 'history',
      cidsDone: 10,
    }
    expect(describeProgress(begun, 25_000, null, null)).toMatchObject({ fraction: 0.005, eta_seconds: null })
  })

  it('says that a cancelled job is being cancelled, and that an ended one is done', () => {
    expect(describeProgress({ ...running, cancelRequested: true }, 0, null, null).phase).toBe('cancelling')
    const failed: JobSnapshot = { ...running, state: 'failed', completedAtMs: 25_000 }
    expect(describeProgress(failed, 99_000, null, null)).toMatchObject({
      phase: 'done',
      rows_per_second: 1000,
    })
    expect(describeProgress({ ...failed, state: 'completed' }, 99_000, null, null).fraction).toBe(1)
  })

  it('counts a domain that has failed as one that is over, also when others are fetched anew', () => {
    const again = { ...running, domains: [domain('history', 'waiting'), domain('materials', 'done')] }
    expect(
      describeProgress({ ...again, currentDomain: 'history', cidsDone: 100 }, 25_000, null, null).fraction,
    ).toBe(0.55)
  })

  describe('of a run', () => {
    const run: JobSnapshot = {
      ...running,
      kind: 'run',
      phase: 'lineage',
      currentDomain: null,
      cidCount: null,
      cidsDone: 40,
      seedsDone: 20,
      seedsTotal: 100,
    }

    it('counts seeds too, names no domain, and knows totals when they are exact', () => {
      expect(describeProgress(run, 25_000, null, { fraction: 0.3, etaSeconds: 70 })).toMatchObject({
        phase: 'lineage',
        domain: null,
        seeds_done: 20,
        seeds_total: 100,
        cids_done: 40,
        cids_total: null,
        fraction: 0.3,
        eta_seconds: 70,
      })
    })

    it('has no fraction of its own', () => {
      expect(describeProgress(run, 25_000, null, null)).toMatchObject({ fraction: null, eta_seconds: null })
    })

    it('counts nothing before it has begun', () => {
      const queued: JobSnapshot = { ...run, state: 'queued', phase: 'queued', startedAtMs: null }
      expect(describeProgress(queued, 25_000, 1, null)).toMatchObject({ cids_done: null, queue_position: 1 })
    })
  })
})
