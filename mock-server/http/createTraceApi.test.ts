import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { TraceError } from '../../src/errors.js'
import { createTestTrace, type TestTraceOptions } from '../testing/createTestTrace.js'
import { parseLines, readLines } from '../testing/readLines.js'
import { scriptedSource } from '../testing/scriptedSource.js'

const events = { profile: 'query_tool', container_ids: ['A', 'B'], domains: ['history'] }

async function withJob(options: TestTraceOptions = {}, body: Record<string, unknown> = events) {
  const trace = createTestTrace(options)
  const job = await (await trace.post('events-async', body)).json()
  return { ...trace, job, id: job.job_id as string }
}

const endless = scriptedSource({
  beforePage: ({ signal }) =>
    new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
})

describe('paths and methods', () => {
  it.each([
    '/api/trace/nope',
    '/api/trace',
    '/',
    '/api/trace/job/',
    '/api/trace/job/a/b/c',
    '/api/trace/job/%00',
  ])('%s is not found', async (path) => {
    const response = await createTestTrace().call(path)
    expect(response.status).toBe(404)
    expect(response.headers.get('Content-Type')).toBe('application/json')
    expect(await response.json()).toMatchObject({
      success: false,
      error: { code: 'NOT_FOUND', message: '找不到請求的資源' },
    })
  })

  it.each([
    ['GET', '/api/trace/seed-resolve', 'POST'],
    ['PUT', '/api/trace/events', 'POST'],
    ['POST', '/api/trace/job/x', 'GET, DELETE'],
    ['DELETE', '/api/trace/job/x/result', 'GET'],
    ['POST', '/healthz', 'GET'],
  ])('%s %s is not allowed, but %s', async (method, path, allow) => {
    const response = await createTestTrace().call(path, { method })
    expect(response.status).toBe(405)
    expect(response.headers.get('Allow')).toBe(allow)
    expect((await response.json()).error.code).toBe('METHOD_NOT_ALLOWED')
  })

  it('answers HEAD without a body', async () => {
    const { call, job, ended, id } = await withJob()
    await ended(id)
    const response = await call(job.stream_url, { method: 'HEAD' })
    expect(response.status).toBe(200)
    expect(response.headers.get('Content-Type')).toBe('application/x-ndjson')
    expect(await response.text()).toBe('')
  })
})

describe('a job’s status', () => {
  it('is told in every state, in the wire’s words', async () => {
    const { call, job, id, ended, clock } = await withJob()
    await ended(id)
    await clock.advance(5_000)
    const response = await call(job.status_url)
    expect(response.headers.get('Retry-After')).toBeNull()
    const now = clock.now() / 1000
    expect(await response.json()).toEqual({
      job_id: id,
      status: 'completed',
      profile: 'query_tool',
      cid_count: 2,
      domains: ['history'],
      progress: 'complete',
      progress_detail: {
        phase: 'done',
        domain: null,
        cids_done: 2,
        cids_total: 2,
        rows: 6,
        bytes: expect.any(Number),
        fraction: 1,
        rows_per_second: null,
        eta_seconds: null,
        queue_position: null,
        attempt: 1,
      },
      created_at: now - 5,
      started_at: now - 5,
      completed_at: now - 5,
      expires_at: now - 5 + 3600,
      elapsed_seconds: 0,
      error: null,
      error_code: null,
    })
  })

  it('says when to ask again, and where in the queue it is', async () => {
    const { call, post, job, clock } = await withJob({ source: endless })
    const waiting = await (await post('events-async', events, { 'Cache-Control': 'no-cache' })).json()
    const queued = await call(waiting.status_url)
    expect(queued.headers.get('Retry-After')).toBe('1')
    expect(await queued.json()).toMatchObject({
      status: 'queued',
      progress: '',
      progress_detail: { phase: 'queued', queue_position: 0 },
    })
    await clock.advance(20_000)
    const running = await call(job.status_url)
    expect(running.headers.get('Retry-After')).toBe('3')
    expect(await running.json()).toMatchObject({
      status: 'running',
      progress: 'fetching events',
      elapsed_seconds: 20,
    })
  })

  it('says why a job failed', async () => {
    const body = { ...events, profile: 'mid_section_defect' }
    const { call, job, id, ended } = await withJob({}, body)
    await ended(id)
    expect(await (await call(job.status_url)).json()).toMatchObject({
      status: 'failed',
      error: 'params is required for mid_section_defect profile',
      error_code: 'INVALID_PARAMS',
    })
  })

  it('is not found for a job that never was, and expired for one that is over', async () => {
    const { call, job, id, ended, clock } = await withJob()
    await ended(id)
    await clock.advance(3_601_000)
    for (const path of ['', '/result', '/stream', '/stream?follow=1']) {
      const unknown = await call(`/api/trace/job/trace-evt-doesnotexist${path}`)
      expect(unknown.status).toBe(404)
      expect((await unknown.json()).error).toEqual({
        code: 'JOB_NOT_FOUND',
        message: 'job not found or expired',
      })
      const expired = await call(`${job.status_url}${path}`)
      expect(expired.status).toBe(404)
      expect((await expired.json()).error).toEqual({
        code: 'JOB_RESULT_EXPIRED',
        message: 'job result has expired',
      })
    }
  })
})

describe('a job that has not completed', () => {
  it('has neither result nor stream, in a form of its own', async () => {
    const { call, job } = await withJob({ source: endless })
    for (const url of [job.result_url, job.stream_url]) {
      const response = await call(url)
      expect(response.status).toBe(409)
      expect(await response.json()).toEqual({
        error: { code: 'JOB_NOT_COMPLETE', message: 'job has not completed yet' },
        status: 'running',
      })
    }
  })

  it('is cancelled where it runs, and as often as one likes', async () => {
    const { call, job, id, ended } = await withJob({ source: endless })
    expect(await (await call(job.cancel_url, { method: 'DELETE' })).json()).toMatchObject({ job_id: id })
    expect(await ended(id)).toMatchObject({ state: 'cancelled' })
    for (let i = 0; i < 2; i++) {
      const again = await call(job.cancel_url, { method: 'DELETE' })
      expect(again.status).toBe(200)
      expect(await again.json()).toMatchObject({ status: 'cancelled', error_code: 'JOB_CANCELLED' })
    }
    expect((await call('/api/trace/job/nobody', { method: 'DELETE' })).status).toBe(404)
  })

  it('leaves a completed job as it is when it is cancelled too late', async () => {
    const { call, job, id, ended } = await withJob()
    await ended(id)
    expect(await (await call(job.cancel_url, { method: 'DELETE' })).json()).toMatchObject({
      status: 'completed',
    })
  })
})

describe('the original’s names of states', () => {
  it('are used everywhere a state is named', async () => {
    const { call, post, job, id, ended } = await withJob({ source: endless, statusNames: 'rq' })
    const waiting = await (await post('events-async', events, { 'Cache-Control': 'no-cache' })).json()
    expect(await (await call(job.status_url)).json()).toMatchObject({ status: 'started' })
    expect(await (await call(waiting.status_url)).json()).toMatchObject({ status: 'queued' })
    expect(await (await call(job.result_url)).json()).toMatchObject({ status: 'started' })
    await call(job.cancel_url, { method: 'DELETE' })
    await ended(id)
    expect(await (await call(job.status_url)).json()).toMatchObject({ status: 'failed', error: 'cancelled' })
    expect(await (await call(job.stream_url)).json()).toMatchObject({ status: 'failed' })
  })

  it('call a completed job finished', async () => {
    const { call, job, id, ended } = await withJob({ statusNames: 'rq' })
    await ended(id)
    expect(await (await call(job.status_url)).json()).toMatchObject({ status: 'finished', error: null })
  })
})

describe('owners', () => {
  const identify = (request: Request) => {
    const user = request.headers.get('X-User')
    if (user === null) throw new TraceError('UNAUTHORIZED', 'log in first')
    return user
  }
  const as = (user: string) => ({ headers: { 'X-User': user } })

  it('see their own jobs, and nobody else does', async () => {
    const { post, call, ended } = createTestTrace({ identify })
    const job = await (await post('events-async', events, { 'X-User': 'ann' })).json()
    await ended(job.job_id)
    for (const url of [job.status_url, job.result_url, job.stream_url, job.follow_url]) {
      expect((await call(url, as('ann'))).status).toBe(200)
      expect((await call(url, as('bob'))).status).toBe(404)
    }
    expect((await call(job.cancel_url, { ...as('bob'), method: 'DELETE' })).status).toBe(404)
  })

  it('must say who they are where that is asked', async () => {
    const { post } = createTestTrace({ identify })
    const response = await post('events', events)
    expect(response.status).toBe(401)
    expect(await response.json()).toMatchObject({ error: { code: 'UNAUTHORIZED', message: 'log in first' } })
  })

  it.each([undefined, null, '', ' ', 0, 7, true, {}, ['ann'], Promise.resolve(undefined), new String('ann')])(
    'are no one at all when identify() gives %j',
    async (found) => {
      const { post } = createTestTrace({ identify: () => found as string })
      const response = await post('events', events)
      expect(response.status).toBe(401)
      expect(await response.json()).toMatchObject({ error: { code: 'UNAUTHORIZED' } })
    },
  )

  it('are not asked for by probes: a balancer has no name', async () => {
    const { call } = createTestTrace({ identify })
    for (const probe of ['/healthz', '/readyz']) expect((await call(probe)).status).toBe(200)
  })
})

describe('compression', () => {
  it('sends what is stored, as one gzip member, to who takes it', async () => {
    const { call, job, id, ended } = await withJob()
    await ended(id)
    const plain = await readLines(await call(job.stream_url))
    const response = await call(job.stream_url, { headers: { 'Accept-Encoding': 'br, gzip' } })
    expect(response.headers.get('Content-Encoding')).toBe('gzip')
    expect(response.headers.get('Vary')).toBe('Accept-Encoding')
    const bytes = new Uint8Array(await response.arrayBuffer())
    expect(parseLines(gunzipSync(bytes).toString())).toEqual(plain)
  })

  it('works for lineage and seeds alike', async () => {
    const { post } = createTestTrace()
    for (const [stage, body] of [
      ['lineage', { profile: 'query_tool', container_ids: ['A'] }],
      ['seed-resolve', { profile: 'query_tool', params: { resolve_type: 'lot_id', values: ['A'] } }],
    ] as const) {
      const plain = await (await post(stage, body)).text()
      const response = await post(stage, body, { 'Accept-Encoding': 'gzip' })
      expect(gunzipSync(new Uint8Array(await response.arrayBuffer())).toString()).toBe(plain)
    }
  })

  it('streams with the headers that keep proxies from holding lines back', async () => {
    const { call, job } = await withJob({ source: endless })
    const response = await call(job.follow_url)
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'application/x-ndjson',
      'x-accel-buffering': 'no',
      'cache-control': expect.stringContaining('no-transform'),
    })
    await response.body!.cancel()
  })
})

describe('health', () => {
  it('is ready with a store and workers', async () => {
    const { call } = createTestTrace()
    expect(await (await call('/healthz')).json()).toEqual({ status: 'ok' })
    const response = await call('/readyz')
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({
      status: 'ready',
      store: 'ok',
      queue: { workers: 1, waiting: 0, running: 0 },
    })
  })

  it('is not ready without workers, unless there are to be no jobs', async () => {
    expect((await createTestTrace({ workers: 0 }).call('/readyz')).status).toBe(503)
    const { call } = createTestTrace({ workers: 0, settings: { asyncEnabled: false } })
    expect(await (await call('/readyz')).json()).toMatchObject({ status: 'ready', queue: null })
  })

  it('is not ready without its store, or while it stops', async () => {
    const broken = createTestTrace()
    broken.store.put = async () => {
      throw new Error('gone')
    }
    expect(await (await broken.call('/readyz')).json()).toMatchObject({
      status: 'unready',
      store: 'unavailable',
    })
    const stopping = createTestTrace()
    stopping.stop()
    expect((await stopping.call('/readyz')).status).toBe(503)
  })
})

describe('what nobody foresaw', () => {
  it('is told to the operator, not to the caller', async () => {
    const seen: unknown[] = []
    const trace = createTestTrace({ onError: (cause) => seen.push(cause) })
    trace.log.snapshot = async () => {
      throw new Error('secret')
    }
    const response = await trace.call('/api/trace/job/x')
    expect(response.status).toBe(500)
    expect(await response.text()).not.toContain('secret')
    expect(seen).toHaveLength(1)
  })

  it('is told to the operator when the database of the source is at fault', async () => {
    const seen: unknown[] = []
    const problem = new TraceError('SOURCE_TIMEOUT', 'A query took too long.', { cause: new Error('57014') })
    const source = scriptedSource()
    source.resolveSeeds = () => Promise.reject(problem)
    const trace = createTestTrace({ source, onError: (cause) => seen.push(cause) })
    const response = await trace.post('seed-resolve', {
      profile: 'query_tool',
      params: { resolve_type: 'lot_id', values: ['L1'] },
    })
    expect(response.status).toBe(504)
    expect(await response.text()).not.toContain('57014')
    expect(seen).toEqual([problem])
  })
})

describe('a caller who goes away', () => {
  it('is no fault the operator should hear of', async () => {
    const seen: unknown[] = []
    const leave = new AbortController()
    const trace = createTestTrace({ source: endless, onError: (cause) => seen.push(cause) })
    const answer = trace.call('/api/trace/events', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(events),
      signal: leave.signal,
    })
    await trace.clock.advance(0)
    leave.abort()
    expect((await answer).status).toBe(500)
    expect(seen).toEqual([])
  })

  it('in the midst of the body has sent no JSON', async () => {
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode('{"prof'))
        controller.error(new Error('reset'))
      },
    })
    const response = await createTestTrace().call('/api/trace/events', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body,
      duplex: 'half',
    } as RequestInit)
    expect(response.status).toBe(400)
    expect((await response.json()).error.code).toBe('INVALID_PARAMS')
  })
})

describe('a body that is too large', () => {
  it('is refused with what to do instead', async () => {
    const { post } = createTestTrace({ bodies: { maxBytes: 1_000 } })
    const response = await post('events', {
      ...events,
      container_ids: Array.from({ length: 500 }, (_, i) => `${i}`),
    })
    expect(response.status).toBe(413)
    const { error } = await response.json()
    expect(error.code).toBe('BODY_TOO_LARGE')
    expect(error.message).toContain('lineage_id')
  })
})
