import { mount } from '@vue/test-utils'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { defineComponent, nextTick } from 'vue'
import {
  createScriptedTransport,
  type ScriptedTransport,
} from '../../src/client/fixtures/createScriptedTransport.js'
import {
  createVirtualEnvironment,
  type VirtualEnvironment,
} from '../../src/client/fixtures/createVirtualEnvironment.js'
import { failure, json, stream, type Reply } from '../../src/client/fixtures/replies.js'
import * as wire from '../../src/client/fixtures/wire.js'
import { createTrace } from '../createTrace/createTrace.js'
import { storageKey, type RememberedJob } from '../rememberedJobs.js'
import { useTraceJobs } from './useTraceJobs.js'

const LINES = wire.logLines({ domains: { history: [wire.rows('h', 2)] }, epoch: 'e1' })

let environment: VirtualEnvironment
let transport: ScriptedTransport

// A real import is no affair of virtual time.
beforeAll(() => import('../client/client.js'))

beforeEach(() => {
  localStorage.clear()
  environment = createVirtualEnvironment()
})

afterEach(async () => {
  await environment.settle()
  expect(environment.leftovers, 'timers and listeners left').toBe(0)
})

function remembered(name: string, rememberedAt = 1): RememberedJob {
  const {
    job_id: jobId,
    status_url: statusUrl,
    stream_url: streamUrl,
    follow_url: followUrl,
  } = wire.FOLLOW_202
  const job = {
    jobId: `${jobId}-${name}`,
    statusUrl,
    streamUrl,
    followUrl,
    resultUrl: null,
    cancelUrl: statusUrl,
  }
  const rest = { cidCount: null, estimatedSeconds: null, joined: false, ageSeconds: null }
  return {
    name,
    profile: 'query_tool',
    params: {},
    domains: ['history'],
    job: { ...job, ...rest },
    seedCount: 1,
    rememberedAt,
  }
}

function put(job: RememberedJob) {
  localStorage.setItem(storageKey(job.name), JSON.stringify(job))
}

/** What the browser tells this page of another's writing. */
async function otherTabWrites(job: RememberedJob) {
  put(job)
  const key = storageKey(job.name)
  window.dispatchEvent(
    new StorageEvent('storage', { key, newValue: localStorage.getItem(key), storageArea: localStorage }),
  )
  await nextTick()
}

function page(script: Record<string, Reply | Reply[]> = {}) {
  transport = createScriptedTransport(script, environment)
  let jobs!: ReturnType<typeof useTraceJobs>
  const Page = defineComponent({
    setup() {
      jobs = useTraceJobs()
      return () => null
    },
  })
  const wrapper = mount(Page, {
    global: { plugins: [createTrace({ transport, environment, pipeline: 'stages' })] },
  })
  return { ...jobs, wrapper }
}

describe('useTraceJobs', () => {
  it('lists what pages have remembered, newest first, and nothing that is not ours', () => {
    put(remembered('old', 1))
    put(remembered('new', 2))
    localStorage.setItem(storageKey('broken'), '{"name":"broken"}')
    localStorage.setItem('theme', 'dark')
    const { jobs } = page()
    expect(jobs.value.map(({ name }) => name)).toEqual(['new', 'old'])
  })

  it('lists no job under another name than its own, since it could not be forgotten', () => {
    localStorage.setItem(storageKey('here'), JSON.stringify(remembered('there')))
    expect(page().jobs.value).toEqual([])
  })

  it.each([
    ['a count that is none', { cidCount: '<b>7</b>' }],
    ['a count that is none', { cidCount: -1 }],
    ['no id', { jobId: '' }],
    ['no status address', { statusUrl: '' }],
    ['an address that is none', { cancelUrl: 7 }],
    ['an age that is none', { ageSeconds: {} }],
  ])('lists nothing that no server would have said: %s', (_, facts) => {
    const job = remembered('page')
    localStorage.setItem(storageKey('page'), JSON.stringify({ ...job, job: { ...job.job, ...facts } }))
    expect(page().jobs.value).toEqual([])
  })

  it('sends no cancel to an address outside of the API, and can forget the job', async () => {
    const job = remembered('page')
    put({ ...job, job: { ...job.job, cancelUrl: '/admin/users/1' } })
    const { jobs, cancel, forget } = page()
    const answer = await environment.until(cancel(jobs.value[0]!))
    expect(answer).toMatchObject({ status: 'failed', error: { code: 'FOREIGN_URL' } })
    expect(transport.seen).toEqual([])
    forget(jobs.value[0]!)
    await nextTick()
    expect(jobs.value).toEqual([])
  })

  it('keeps in step with other tabs', async () => {
    const { jobs, wrapper } = page()
    await otherTabWrites(remembered('there'))
    expect(jobs.value).toHaveLength(1)
    wrapper.unmount()
    await otherTabWrites(remembered('later'))
    expect(jobs.value).toHaveLength(1)
  })

  it('resumes a job in its own scope', async () => {
    put(remembered('page'))
    const lines = LINES.with(0, { ...LINES[0], job_id: remembered('page').job.jobId })
    const { jobs, resume, wrapper } = page({ [wire.ROUTES.stream]: stream(lines.slice(0, 3), 'hang') })
    const trace = resume(jobs.value[0]!)
    await environment.advance(100)
    expect([trace.status.value, trace.domains.value.history?.loaded]).toEqual(['running', 2])
    expect(resume(jobs.value[0]!)).toBe(trace)
    wrapper.unmount()
    expect(trace.status.value).toBe('aborted')
  })

  it('clears a job that has expired, and says so', async () => {
    put(remembered('page'))
    const { jobs, resume } = page({ [wire.ROUTES.stream]: failure(404, 'JOB_RESULT_EXPIRED') })
    const trace = resume(jobs.value[0]!)
    await environment.advance(100)
    expect(trace.error.value?.code).toBe('JOB_RESULT_EXPIRED')
    expect(jobs.value).toEqual([])
  })

  it('cancels a job and forgets it when the server has', async () => {
    put(remembered('a'))
    const { jobs, cancel } = page({
      [wire.ROUTES.cancel]: [failure(409, 'JOB_SHARED'), json({ status: 'cancelled' })],
    })
    const job = jobs.value[0]!
    expect(await environment.until(cancel(job))).toMatchObject({ status: 'shared' })
    expect(jobs.value).toHaveLength(1)
    expect(await environment.until(cancel(job))).toMatchObject({ status: 'cancelled' })
    expect(jobs.value).toEqual([])
  })

  it('forgets a job, but not one that took its name meanwhile', async () => {
    put(remembered('a'))
    const { jobs, forget } = page()
    const job = jobs.value[0]!
    await otherTabWrites({ ...remembered('a'), job: { ...job.job, jobId: 'another' } })
    forget(job)
    expect(jobs.value).toHaveLength(1)
    forget(jobs.value[0]!)
    await nextTick()
    expect(jobs.value).toEqual([])
  })
})
