import { describe, expect, it } from 'vitest'
import { TraceError } from '../../../src/errors.js'
import type { TraceSource } from '../../ports/index.js'
import type { JobQueue } from '../../ports/index.js'
import { createTestTrace, type TestTraceOptions } from '../../testing/createTestTrace.js'
import { lineReader, readLines, rowsOf } from '../../testing/readLines.js'
import { scriptedRows, scriptedSource } from '../../testing/scriptedSource.js'
import type { TraceSettings } from '../../ports/TraceDeps.js'

function ids(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `ID-${i}`)
}

function request(cids: string[] | number, overrides: Record<string, unknown> = {}) {
  const container_ids = typeof cids === 'number' ? ids(cids) : cids
  return { profile: 'query_tool', container_ids, domains: ['history'], ...overrides }
}

const SMALL = { asyncCidThreshold: 10, eventsCidLimit: 20, idBatchSize: 5, streamBatchSize: 10 }

function setUp({ settings, ...options }: TestTraceOptions = {}) {
  return createTestTrace({ ...options, settings: { ...SMALL, ...settings } })
}

describe('an events request', () => {
  it('is answered at once up to the threshold, and by a job above it', async () => {
    const { post } = setUp()
    expect((await post('events', request(10))).status).toBe(200)
    expect((await post('events', request(11))).status).toBe(202)
  })

  it('counts ids once they are trimmed and unique', async () => {
    const { post } = setUp()
    const cids = [...ids(10), ' ID-3 ', 'ID-4', '', '   ', 7, null] as string[]
    expect((await post('events', request(cids))).status).toBe(200)
  })

  it('gives the rows of every domain, counted', async () => {
    const { post } = setUp()
    const answer = await (await post('events', request(7, { domains: ['history', 'holds'] }))).json()
    expect(answer).toEqual({
      stage: 'events',
      results: {
        history: { count: 21, data: scriptedRows('history', ids(7)) },
        holds: { count: 21, data: scriptedRows('holds', ids(7)) },
      },
      aggregation: null,
    })
  })

  it('says where the job it made is', async () => {
    const { post, call } = setUp()
    const response = await post('events', request(11))
    const body = await response.json()
    const url = `/api/trace/job/${body.job_id}`
    expect(body).toEqual({
      stage: 'events',
      async: true,
      job_id: expect.stringMatching(/^trace-evt-[0-9a-f]{32}$/),
      status_url: url,
      stream_url: `${url}/stream`,
      follow_url: `${url}/stream?follow=1`,
      result_url: `${url}/result`,
      cancel_url: expect.stringMatching(/\?ticket=[0-9a-f]{32}$/),
      domains: ['history'],
      cid_count: 11,
      estimated_seconds: null,
    })
    expect(response.headers.get('Location')).toBe(url)
    expect(response.headers.get('Retry-After')).toBe('1')
    const lines = await readLines(await call(body.follow_url))
    expect(rowsOf(lines, 'history')).toEqual(scriptedRows('history', ids(11)))
  })

  it('becomes a job at any size when asked to', async () => {
    const { post } = setUp()
    const preferred = await post('events', request(1), { Prefer: 'respond-async' })
    expect(preferred.status).toBe(202)
    expect(preferred.headers.get('Preference-Applied')).toBe('respond-async')
    expect(
      (await post('events', request(1), { Prefer: 'return=minimal; respond-async, wait=10' })).status,
    ).toBe(202)
    expect((await post('events-async', request(1))).status).toBe(202)
  })

  it('estimates the time of a job from the last ones', async () => {
    const trace = setUp({
      source: scriptedSource({ beforePage: ({ index }) => (index === 0 ? trace.clock.advance(1000) : null) }),
      settings: { sourceConcurrency: 1 },
    })
    const { job_id } = await (await trace.post('events-async', request(10))).json()
    await trace.ended(job_id)
    await trace.call(`/api/trace/job/${job_id}`)
    const { estimated_seconds } = await (await trace.post('events', request(20))).json()
    expect(estimated_seconds).toBe(4)
  })
})

describe('admission', () => {
  const noQueue = [{ workers: 0 }, { settings: { asyncEnabled: false } }]

  it.each(noQueue)('without workers answers at once up to the limit: %j', async (options) => {
    const { post } = setUp(options)
    expect((await post('events', request(20))).status).toBe(200)
    const refused = await post('events', request(21))
    expect(refused.status).toBe(413)
    expect(await refused.json()).toMatchObject({
      success: false,
      error: { code: 'CID_LIMIT_EXCEEDED', message: 'container_ids count (21) exceeds limit (20)' },
      meta: { cid_count: 21, limit: 20 },
    })
  })

  it.each(noQueue)('without workers refuses no defect question, but warns: %j', async (options) => {
    const { post, warnings } = setUp(options)
    const body = request(21, { profile: 'mid_section_defect', params: { mode: 'container' } })
    expect((await post('events', body)).status).toBe(200)
    expect(warnings.join()).toContain('21 CIDs')
  })

  it('without workers takes a preference for what it is, and a demand not', async () => {
    const { post } = setUp({ workers: 0 })
    expect((await post('events', request(1), { Prefer: 'respond-async' })).status).toBe(200)
    const refused = await post('events-async', request(1))
    expect(refused.status).toBe(503)
    expect(refused.headers.get('Retry-After')).toMatch(/^\d+$/)
    expect(await refused.json()).toMatchObject({ error: { code: 'QUEUE_UNAVAILABLE' } })
  })

  it('makes a job of what is over the limit although the threshold is higher', async () => {
    const { post } = setUp({ settings: { asyncCidThreshold: 100 } })
    expect((await post('events', request(20))).status).toBe(200)
    expect((await post('events', request(21))).status).toBe(202)
  })

  it('lets small questions have the place kept for them, and go on in it when they are retried', async () => {
    const submitted: unknown[] = []
    const trace = createTestTrace({
      settings: { smallQuestionLimit: 10 },
      queueOf: (queue) => ({
        ...queue,
        submit: async (_jobId, size) => void submitted.push(size?.isSmall),
      }),
    })
    const small = await (await trace.post('events-async', request(10))).json()
    await trace.post('events-async', request(11))
    const lost = { code: 'WORKER_LOST', message: 'lost' } as const
    await trace.log.finish(small.job_id, null, { state: 'failed', error: lost })
    await trace.post(`job/${small.job_id}/retry`, {})
    expect(submitted).toEqual([true, false, true])
    expect(await trace.log.snapshot(small.job_id)).toMatchObject({ state: 'queued', isSmall: true })
  })

  it('refuses a job when too many wait', async () => {
    const { post } = setUp({
      settings: { queueLimit: 2 },
      source: scriptedSource({ beforePage: () => new Promise(() => {}) }),
    })
    for (let i = 1; i <= 3; i++) expect((await post('events-async', request(i))).status).toBe(202)
    const refused = await post('events', request(11))
    expect(refused.status).toBe(503)
    expect(refused.headers.get('Retry-After')).toBe('30')
    expect(await refused.json()).toMatchObject({
      error: { code: 'QUEUE_FULL' },
      meta: { retry_after_seconds: 30 },
    })
  })

  it('short of memory makes jobs where it can, and refuses where it cannot', async () => {
    const short = { memoryUsedMb: () => 2_000 }
    expect((await setUp(short).post('events', request(1))).status).toBe(202)
    const refused = await setUp({ ...short, workers: 0 }).post('events', request(1))
    expect(refused.status).toBe(503)
    expect(await refused.json()).toMatchObject({ error: { code: 'MEMORY_GUARD' } })
    const unguarded = setUp({ ...short, settings: { memoryGuardMb: 0 } })
    expect((await unguarded.post('events', request(1))).status).toBe(200)
  })

  it('leaves nothing behind of a job the queue would not take', async () => {
    const queueOf = (queue: JobQueue) => ({
      ...queue,
      submit: () => Promise.reject(new Error('the queue broke')),
    })
    const { post, log } = setUp({ queueOf })
    const created: string[] = []
    const { create } = log
    log.create = (job) => (created.push(job.jobId), create(job))
    expect((await post('events-async', request(1))).status).toBe(500)
    expect(await log.snapshot(created[0]!)).toBeNull()
  })

  it('leaves no question behind of a job that the log has no memory for', async () => {
    const { post, log, store } = setUp()
    const stored = new Set<string>()
    const { put, delete: remove } = store
    store.put = (key, ...rest) => (stored.add(key), put(key, ...rest))
    store.delete = (key) => (stored.delete(key), remove(key))
    log.create = () => Promise.reject(new TraceError('MEMORY_GUARD', 'full'))
    expect((await post('events-async', request(1))).status).toBe(503)
    expect([...stored].filter((key) => key.startsWith('job:'))).toEqual([])
  })
})

describe('an answer given at once', () => {
  function counting(fail?: string) {
    let asked = 0
    const source = scriptedSource({
      beforePage: ({ domain }) => {
        asked += 1
        if (domain === fail) throw new Error('gone')
      },
    })
    return { source, asked: () => asked }
  }

  it('is given again from the cache, for a while', async () => {
    const { source, asked } = counting()
    const { post, clock } = setUp({ source })
    const first = await (await post('events', request(5))).text()
    const once = asked()
    expect(await (await post('events', request(5))).text()).toBe(first)
    expect(asked()).toBe(once)
    await (await post('events', request(6))).text()
    await (await post('events', request(5, { domains: ['holds'] }))).text()
    expect(asked()).toBeGreaterThan(once)

    const before = asked()
    await clock.advance(301_000)
    await (await post('events', request(5))).text()
    expect(asked()).toBeGreaterThan(before)
  })

  it('is asked anew with Cache-Control: no-cache', async () => {
    const { source, asked } = counting()
    const { post } = setUp({ source })
    await (await post('events', request(5))).text()
    const once = asked()
    await (await post('events', request(5), { 'Cache-Control': 'no-cache' })).text()
    expect(asked()).toBe(2 * once)
  })

  it('is not cached when domains failed, when it is large, or of defects', async () => {
    const cases: {
      source: TraceSource
      asked: () => number
      body: unknown
      settings?: Partial<TraceSettings>
    }[] = [
      { ...counting('holds'), body: request(5, { domains: ['history', 'holds'] }) },
      { ...counting(), body: request(5), settings: { cacheCidLimit: 4 } },
      { ...counting(), body: request(5), settings: { cacheTtlSeconds: 0 } },
      {
        ...counting(),
        body: request(5, { profile: 'mid_section_defect', params: { mode: 'container' } }),
      },
    ]
    for (const { source, asked, body, settings } of cases) {
      const { post } = setUp({ source, settings })
      await (await post('events', body)).text()
      const once = asked()
      await (await post('events', body)).text()
      expect(asked()).toBe(2 * once)
    }
  })

  it('is nobody else’s', async () => {
    const { source, asked } = counting()
    const { post } = setUp({ source, identify: (asking) => asking.headers.get('X-User') ?? 'anyone' })
    await (await post('events', request(5), { 'X-User': 'ann' })).text()
    const once = asked()
    await (await post('events', request(5), { 'X-User': 'bob' })).text()
    expect(asked()).toBe(2 * once)
  })

  it('gives its memory back once it is written, or when it is needed', async () => {
    const { post, budget } = setUp({ settings: { cacheTtlSeconds: 0 } })
    await (await post('events', request(10))).text()
    expect(budget.usedBytes()).toBe(0)

    const tight = setUp({ limitBytes: 10_000 })
    for (let i = 0; i < 20; i++) {
      const response = await tight.post('events', request([`ONE-${i}`]))
      expect(response.status).toBe(200)
      await response.text()
    }
    expect(tight.budget.usedBytes()).toBeLessThanOrEqual(10_000)
  })

  it('names failed domains beside what succeeded', async () => {
    const { post } = setUp({ source: counting('holds').source })
    const answer = await (await post('events', request(2, { domains: ['history', 'holds'] }))).json()
    expect(answer).toEqual({
      stage: 'events',
      results: { history: { count: 6, data: scriptedRows('history', ids(2)) } },
      aggregation: null,
      error: 'one or more domains failed',
      code: 'EVENTS_PARTIAL_FAILURE',
      failed_domains: ['holds'],
    })
  })

  it('has an aggregation for defects, and refuses them without params', async () => {
    const { post } = setUp()
    const body = request(5, {
      profile: 'mid_section_defect',
      domains: ['materials'],
      seed_container_ids: ['ID-0', 'ID-1'],
      params: { mode: 'container' },
    })
    const answer = await (await post('events', body)).json()
    expect(answer.aggregation.kpi).toMatchObject({ total_input: 2000, lot_count: 2 })

    const refused = await post('events', { ...body, params: undefined })
    expect(refused.status).toBe(400)
    expect(await refused.json()).toMatchObject({
      error: { code: 'INVALID_PARAMS', message: 'params is required for mid_section_defect profile' },
    })
  })

  it('takes ancestors and seed_roots beside lineage too, and the seeds from the ancestors', async () => {
    const { post } = setUp()
    const body = request(5, {
      profile: 'mid_section_defect',
      domains: ['materials'],
      params: { mode: 'container' },
      ancestors: { 'ID-0': ['ID-4'], 'ID-1': [] },
      seed_roots: { 'ID-0': 'W' },
    })
    const answer = await (await post('events', body)).json()
    expect(answer.aggregation.kpi).toMatchObject({ lot_count: 2 })
  })

  it('that does not fit into memory is refused, to be asked later', async () => {
    const { post } = setUp({ limitBytes: 2_300 })
    const refused = await post('events', request(10))
    expect(refused.status).toBe(503)
    expect(await refused.json()).toMatchObject({ error: { code: 'MEMORY_GUARD' } })
  })

  it('stops being fetched when nobody waits for it any more', async () => {
    const leave = new AbortController()
    let stopped = false
    const source = scriptedSource({
      beforePage: ({ signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => {
            stopped = true
            reject(signal.reason)
          })
          queueMicrotask(() => leave.abort())
        }),
    })
    const { call, budget } = setUp({ source })
    const response = await call('/api/trace/events', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(request(1)),
      signal: leave.signal,
    })
    expect(response.status).toBeGreaterThanOrEqual(400)
    expect(stopped).toBe(true)
    expect(budget.usedBytes()).toBe(0)
  })
})

describe('an answer given at once, as lines', () => {
  const LINES = { Accept: 'application/x-ndjson' }

  it('is the same stream as a job’s, but no job’s', async () => {
    const { post } = setUp()
    const response = await post('events', request(7, { domains: ['history', 'holds'] }), LINES)
    expect(response.headers.get('Content-Type')).toBe('application/x-ndjson')
    const lines = (await readLines(response)).filter((line) => line.type !== 'progress')
    expect(lines[0]).toEqual({
      type: 'meta',
      seq: 1,
      job_id: null,
      profile: 'query_tool',
      domains: ['history', 'holds'],
    })
    expect(rowsOf(lines, 'holds')).toEqual(scriptedRows('holds', ids(7)))
    expect(lines.at(-1)).toMatchObject({ type: 'complete', total_records: 42 })
  })

  it('comes while it is fetched, and breaks its silence', async () => {
    const trace = setUp({
      settings: { streamBatchSize: 5 },
      source: scriptedSource({
        rowsPerPage: 10,
        beforePage: ({ index }) => (index === 0 ? null : trace.clock.sleep(25_000)),
      }),
    })
    const reader = lineReader(await trace.post('events', request(4), LINES))
    await reader.until('records')
    const next = reader.until('progress')
    await trace.clock.advance(10_000)
    await next
    const end = reader.until('complete')
    await trace.clock.advance(15_000)
    expect((await end).at(-1)).toMatchObject({ total_records: 12 })
    expect(await reader.next()).toBeNull()
  })

  it('ends with what broke', async () => {
    const { post } = setUp()
    const body = request(2, { profile: 'mid_section_defect', domains: ['materials'] })
    const lines = await readLines(await post('events', body, LINES))
    expect(lines.at(-1)).toEqual({
      type: 'error',
      code: 'INVALID_PARAMS',
      message: 'params is required for mid_section_defect profile',
      retryable: false,
    })
  })

  it('is cached with its JSON twin', async () => {
    let asked = 0
    const { post } = setUp({ source: scriptedSource({ beforePage: () => (asked += 1) }) })
    await readLines(await post('events', request(3), LINES))
    const once = asked
    await (await post('events', request(3))).json()
    const lines = await readLines(await post('events', request(3), LINES))
    expect(asked).toBe(once)
    expect(rowsOf(lines, 'history')).toEqual(scriptedRows('history', ids(3)))
  })

  it('stops being fetched when its reader leaves', async () => {
    let signalOfRun: AbortSignal | null = null
    const { post, clock, budget } = setUp({
      settings: { streamBatchSize: 5 },
      source: scriptedSource({
        rowsPerPage: 10,
        beforePage: ({ index, signal }) => {
          signalOfRun = signal
          if (index > 0)
            return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
        },
      }),
    })
    const reader = lineReader(await post('events', request(4), LINES))
    await reader.until('records')
    await reader.cancel()
    await clock.advance(0)
    expect(signalOfRun!.aborted).toBe(true)
    expect(budget.usedBytes()).toBe(0)
  })
})

describe('an events request that names a lineage', () => {
  async function withLineage(options: TestTraceOptions = {}, profile = 'query_tool_reverse', params = {}) {
    const trace = setUp(options)
    const lineage = await trace.post(
      'lineage',
      { profile, container_ids: ids(3), params },
      { Prefer: 'return=minimal' },
    )
    const { lineage_id, cid_count } = await lineage.json()
    const body = { profile, lineage_id, domains: ['materials'], params }
    return { ...trace, body, cidCount: cid_count as number }
  }
  const all = ['ID-0', 'ID-1', 'ID-2', 'ID-0-up', 'top', 'ID-1-up', 'ID-2-up']

  it('asks for the seeds and what they came from', async () => {
    const { post, body, cidCount } = await withLineage()
    expect(cidCount).toBe(7)
    const answer = await (await post('events', body)).json()
    expect(answer.results.materials.data).toEqual(scriptedRows('materials', all))
  })

  it('asks for the seeds and what became of them', async () => {
    const { post, body, cidCount } = await withLineage({}, 'query_tool')
    expect(cidCount).toBe(9)
    const answer = await (await post('events', body)).json()
    expect(answer.results.materials.count).toBe(27)
  })

  it('aggregates defects with the stored lineage, at once and as a job', async () => {
    const params = { mode: 'container', direction: 'backward' }
    const { post, body, call } = await withLineage({}, 'mid_section_defect', params)
    const { aggregation } = await (await post('events', body)).json()
    expect(aggregation.kpi).toMatchObject({ lot_count: 3, total_input: 3000 })
    const { follow_url, cid_count } = await (await post('events-async', body)).json()
    expect(cid_count).toBe(7)
    const lines = await readLines(await call(follow_url))
    expect(lines.find((line) => line.type === 'aggregation')!.data).toEqual(aggregation)
  })

  it('keeps the lineage for as long as the job may last', async () => {
    let begin: () => void = () => {}
    const { post, body, clock, ended, call } = await withLineage({
      source: scriptedSource({ beforePage: () => new Promise<void>((resolve) => (begin = resolve)) }),
      settings: { jobTtlSeconds: 100, jobTimeoutSeconds: 1000, sourceConcurrency: 1 },
    })
    await clock.advance(90_000)
    const first = await (await post('events-async', body)).json()
    const second = await (await post('events-async', body)).json()
    await clock.advance(500_000)
    const pump = setInterval(() => begin())
    await ended(first.job_id)
    await ended(second.job_id)
    clearInterval(pump)
    expect((await (await call(second.status_url)).json()).status).toBe('completed')
  })

  it('is told when there is no such lineage, or it is not its own', async () => {
    const identify = (asking: Request) => asking.headers.get('X-User') ?? 'anyone'
    const { post, body, clock } = await withLineage({ identify })
    for (const [sent, headers] of [
      [{ ...body, lineage_id: 'trace-lin-0' }, {}],
      [body, { 'X-User': 'bob' }],
    ] as const) {
      const refused = await post('events', sent, headers)
      expect(refused.status).toBe(404)
      expect(await refused.json()).toMatchObject({ error: { code: 'LINEAGE_NOT_FOUND' } })
    }
    await clock.advance(3_601_000)
    expect((await post('events', body)).status).toBe(404)
  })

  it('refuses a lineage of the other direction', async () => {
    const { post, body } = await withLineage({}, 'mid_section_defect', { mode: 'container' })
    const refused = await post('events', { ...body, params: { mode: 'container', direction: 'forward' } })
    expect(refused.status).toBe(400)
    expect((await refused.json()).error.message).toContain('backward lineage')
  })
})
