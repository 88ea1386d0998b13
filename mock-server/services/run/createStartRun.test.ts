import { describe, expect, it } from 'vitest'
import { TraceError } from '../../../src/errors.js'
import type { JobQueue, JobSnapshot } from '../../ports/index.js'
import { createTestTrace, type TestTrace, type TestTraceOptions } from '../../testing/createTestTrace.js'
import { parseLines, type Line } from '../../testing/readLines.js'
import { scriptedSource } from '../../testing/scriptedSource.js'

const LOTS = { profile: 'query_tool', params: { resolve_type: 'lot_id', values: ['A', 'B', 'missing-1'] } }
const DAYS = { profile: 'mid_section_defect', params: { start_date: '2026-01-01', end_date: '2026-01-02' } }

/** The same by lots, whose names are their ids here. */
const DEFECT_LOTS = {
  profile: 'mid_section_defect',
  params: { mode: 'container', resolve_type: 'lot_id', values: ['A', 'B'] },
}

/** A server whose jobs no worker takes. */
const UNTAKEN: TestTraceOptions = { queueOf: (queue: JobQueue) => ({ ...queue, submit: async () => {} }) }

async function ask(trace: TestTrace, body: unknown, headers?: Record<string, string>) {
  const response = await trace.post('run', body, headers)
  expect(response.status).toBe(202)
  return response.json()
}

async function askToTheEnd(trace: TestTrace, body: unknown) {
  const job = await ask(trace, body)
  await trace.ended(job.job_id)
  return job
}

async function linesOf(trace: TestTrace, url: string): Promise<Line[]> {
  return parseLines(await (await trace.call(url)).text())
}

describe('a run', () => {
  it('is accepted as a job, whose CIDs are not known yet', async () => {
    const trace = createTestTrace(UNTAKEN)
    const response = await trace.post('run', LOTS)
    expect(response.status).toBe(202)
    const job = await response.json()
    const url = `/api/trace/job/${job.job_id}`
    expect(response.headers.get('Location')).toBe(url)
    expect(job).toEqual({
      stage: 'run',
      async: true,
      job_id: expect.stringMatching(/^trace-run-[0-9a-f]{32}$/),
      status_url: url,
      stream_url: `${url}/stream`,
      follow_url: `${url}/stream?follow=1`,
      result_url: `${url}/result`,
      cancel_url: expect.stringContaining(`${url}?ticket=`),
      domains: ['seeds', 'history', 'materials', 'rejects', 'holds', 'jobs'],
      cid_count: null,
      estimated_seconds: null,
    })
    expect(await (await trace.call(url)).json()).toMatchObject({
      cid_count: null,
      domains: ['seeds', 'history', 'materials', 'rejects', 'holds', 'jobs'],
      progress_detail: { phase: 'queued', domain: null, seeds_total: null, cids_total: null, fraction: null },
    })
  })

  it('of defects has a domain of detections, whoever names the others', async () => {
    const trace = createTestTrace(UNTAKEN)
    const { status_url } = await ask(trace, { ...DAYS, domains: ['holds'] })
    expect((await (await trace.call(status_url)).json()).domains).toEqual(['seeds', 'detections', 'holds'])
  })

  it('is small by its values, and never by dates', async () => {
    const submitted: unknown[] = []
    const trace = createTestTrace({
      settings: { smallQuestionLimit: 3 },
      queueOf: (queue) => ({ ...queue, submit: async (_jobId, size) => void submitted.push(size?.isSmall) }),
    })
    await ask(trace, LOTS)
    await ask(trace, { ...LOTS, params: { ...LOTS.params, values: ['A', 'B', 'C', 'D'] } })
    await ask(trace, DAYS)
    expect(submitted).toEqual([true, false, false])
  })

  it('tells seeds, what was not found and rows in one log, with a number for every line', async () => {
    const trace = createTestTrace()
    const { stream_url, status_url } = await askToTheEnd(trace, { ...LOTS, domains: ['history', 'holds'] })
    const lines = await linesOf(trace, stream_url)
    expect(lines[0]).toMatchObject({
      type: 'meta',
      interleaved: true,
      domains: ['seeds', 'history', 'holds'],
    })
    const numbered = lines.filter(({ seq }) => seq !== undefined)
    expect(numbered.map(({ seq }) => seq)).toEqual(numbered.map((_, i) => i + 1))
    const seeds = lines.filter(({ type, domain }) => type === 'records' && domain === 'seeds')
    expect(seeds.flatMap(({ data }) => data as unknown[])).toEqual([
      { CONTAINERID: 'A', CONTAINERNAME: 'N-A', LOT_ID: 'N-A', INPUT_VALUE: 'A' },
      { CONTAINERID: 'B', CONTAINERNAME: 'N-B', LOT_ID: 'N-B', INPUT_VALUE: 'B' },
    ])
    expect(lines.find(({ type }) => type === 'unmatched')).toMatchObject({ count: 1, values: ['missing-1'] })
    expect(lines.at(-1)).toMatchObject({ type: 'complete', domains: { seeds: 2 } })
    expect(await (await trace.call(status_url)).json()).toMatchObject({
      status: 'completed',
      cid_count: 6,
      progress_detail: { phase: 'done', fraction: 1, cids_done: 6, cids_total: 6, seeds_total: 2 },
    })
  })

  it('has its seeds and detections in pages and files too', async () => {
    const trace = createTestTrace()
    const { result_url, status_url } = await askToTheEnd(trace, { ...DAYS, domains: ['upstream_history'] })
    const page = await (await trace.call(`${result_url}?domain=seeds&offset=1&limit=1`)).json()
    expect(page).toMatchObject({
      stage: 'run',
      results: { seeds: { count: 1, total: 2, data: [{ CONTAINERID: '2026-01-02' }] } },
    })
    const file = await (await trace.call(`${status_url}/export?domain=detections`)).text()
    expect(file.split('\r\n')[0]).toBe(
      'CONTAINERID,LOT_ID,DATE,INPUTQTY,DEFECTQTY,RATE,TOP_REASON,PRODUCT,IS_REWORK',
    )
    expect(file.split('\r\n')).toHaveLength(4)
  })

  it('whose domain fails is read without its lines, and told which numbers they had', async () => {
    const source = scriptedSource({
      rowsPerPage: 1,
      beforePage: ({ domain, ids }) => {
        if (domain === 'holds' && ids.includes('B-1')) throw new Error('gone')
      },
    })
    const trace = createTestTrace({ source, settings: { streamBatchSize: 1, idBatchSize: 1 } })
    const { stream_url } = await askToTheEnd(trace, { ...LOTS, domains: ['history', 'holds'] })
    const lines = await linesOf(trace, stream_url)
    expect(lines.filter(({ type, domain }) => domain === 'holds' && type !== 'domain_failed')).toEqual([])
    for (let after = 0; after < 20; after++) {
      let next = after + 1
      const epoch = lines[0]!.epoch as string
      for (const line of await linesOf(trace, `${stream_url}?after=${after}&epoch=${epoch}`)) {
        if (line.seq === undefined) continue
        expect(line.type === 'skipped' ? line.from_seq : line.seq).toBe(next)
        next = Number(line.seq) + 1
      }
    }
    expect(lines.at(-1)).toMatchObject({ type: 'complete' })
    expect(lines.at(-2)).toMatchObject({ type: 'warning', failed_domains: ['holds'] })
  })

  it('is found by its caller alone', async () => {
    const identify = (request: Request) => request.headers.get('X-User') ?? 'anyone'
    const trace = createTestTrace({ ...UNTAKEN, identify })
    const { status_url } = await ask(trace, LOTS, { 'X-User': 'ann' })
    expect((await trace.call(status_url, { headers: { 'X-User': 'bob' } })).status).toBe(404)
    expect((await ask(trace, LOTS, { 'X-User': 'bob' })).joined).toBeUndefined()
    expect((await ask(trace, LOTS, { 'X-User': 'ann' })).joined).toBe(true)
  })
})

describe('the same question', () => {
  it('is the same job, however it is written', async () => {
    const trace = createTestTrace(UNTAKEN)
    const { job_id } = await ask(trace, DAYS)
    const same = {
      domains: ['upstream_history', 'materials'],
      params: {
        date_range: ['2026-01-01', '2026-01-02'],
        station: '測試',
        mode: 'date_range',
        colour: 'red',
      },
      profile: 'mid_section_defect',
    }
    await trace.clock.advance(4_000)
    expect(await ask(trace, same)).toMatchObject({ job_id, joined: true, age_seconds: 4, cid_count: null })
    for (const other of [
      { ...DAYS, domains: ['materials', 'upstream_history'] },
      { ...DAYS, params: { ...DAYS.params, loss_reasons: ['短路'] } },
      { ...DAYS, params: { ...DAYS.params, direction: 'forward' } },
    ]) {
      expect((await ask(trace, other)).job_id).not.toBe(job_id)
    }
  })

  it('is asked anew some time after it was answered: what is asked about goes on happening', async () => {
    const trace = createTestTrace()
    const { job_id } = await askToTheEnd(trace, LOTS)
    await trace.clock.advance(299_000)
    expect(await ask(trace, LOTS)).toMatchObject({ job_id, joined: true, cid_count: 6 })
    await trace.clock.advance(2_000)
    const again = await ask(trace, LOTS)
    expect(again.job_id).not.toBe(job_id)
    expect(again.joined).toBeUndefined()
  })

  it('is a job of its own for a caller that wants no cached answer', async () => {
    const trace = createTestTrace(UNTAKEN)
    const { job_id } = await ask(trace, LOTS)
    expect((await ask(trace, LOTS, { 'Cache-Control': 'no-cache' })).job_id).not.toBe(job_id)
  })

  it('is not that of an events request', async () => {
    const trace = createTestTrace(UNTAKEN)
    const { job_id } = await ask(trace, LOTS)
    const events = { profile: 'query_tool', container_ids: ['A'], domains: ['history'] }
    expect((await (await trace.post('events-async', events)).json()).job_id).not.toBe(job_id)
  })
})

describe('a run that cannot be', () => {
  it('is 404 where there are no jobs', async () => {
    const response = await createTestTrace({ settings: { asyncEnabled: false } }).post('run', LOTS)
    expect(response.status).toBe(404)
    expect((await response.json()).error.code).toBe('NOT_FOUND')
  })

  it('is 503 without a worker, and when too many jobs wait', async () => {
    const health = async () => ({ workers: 0, waiting: 0, running: 0 })
    const alone = createTestTrace({ queueOf: (queue) => ({ ...queue, health }) })
    const refused = await alone.post('run', LOTS)
    expect(refused.status).toBe(503)
    expect((await refused.json()).error.code).toBe('QUEUE_UNAVAILABLE')
    const full = createTestTrace({ settings: { queueLimit: 0 } })
    expect((await (await full.post('run', LOTS)).json()).error.code).toBe('QUEUE_FULL')
  })

  it('is 503 while the store is away, and leaves nothing behind', async () => {
    const trace = createTestTrace()
    const { put } = trace.store
    trace.store.put = async () => {
      throw new TraceError('STORE_UNAVAILABLE', 'away')
    }
    const response = await trace.post('run', LOTS)
    expect(response.status).toBe(503)
    expect((await response.json()).error.code).toBe('STORE_UNAVAILABLE')
    trace.store.put = put
    expect((await ask(trace, LOTS)).joined).toBeUndefined()
  })

  it('is 413 when it is longer than 1 MB', async () => {
    const values = Array.from({ length: 10_000 }, (_, i) => String(i).padStart(200, '0'))
    const response = await createTestTrace().post('run', { ...LOTS, params: { ...LOTS.params, values } })
    expect(response.status).toBe(413)
  })
})

describe('a run that has failed', () => {
  it('goes on where it was, when it is tried again', async () => {
    let isBroken = true
    const source = scriptedSource({
      beforeLineage: () => {
        if (isBroken) throw new Error('gone')
      },
    })
    const trace = createTestTrace({ source })
    const { status_url, stream_url, job_id } = await askToTheEnd(trace, LOTS)
    expect(await (await trace.call(status_url)).json()).toMatchObject({
      status: 'failed',
      error_code: 'LINEAGE_FAILED',
    })
    expect((await ask(trace, LOTS)).joined).toBeUndefined()
    isBroken = false
    const response = await trace.call(`${status_url}/retry`, { method: 'POST' })
    expect(await response.json()).toMatchObject({ stage: 'run', job_id })
    await trace.ended(job_id)
    const lines = await linesOf(trace, stream_url)
    expect(lines.at(-1)).toMatchObject({ type: 'complete', domains: { seeds: 2 } })
  })
})

describe('the lineage of some seeds of a run', () => {
  it('is as POST /lineage has it, in the direction of the question', async () => {
    const trace = createTestTrace()
    const { status_url } = await askToTheEnd(trace, DEFECT_LOTS)
    const answer = await (await trace.call(`${status_url}/lineage?container_ids=A,B`)).json()
    const body = { profile: 'mid_section_defect', container_ids: ['A', 'B'] }
    const { lineage_id: _, ...same } = await (await trace.post('lineage', body)).json()
    expect(answer).toEqual(same)
    expect(answer.ancestors).toEqual({ A: ['A-up', 'top'], B: ['B-up', 'top'] })
    expect(answer.nodes).not.toEqual({})
  })

  it('is that of a lot tool forward', async () => {
    const trace = createTestTrace()
    const { status_url } = await askToTheEnd(trace, LOTS)
    const answer = await (await trace.call(`${status_url}/lineage?container_ids=A`)).json()
    expect(answer.children_map).toMatchObject({ A: ['A-1', 'A-2'] })
  })

  it.each([
    ['', 'container_ids must contain at least one id'],
    ['?container_ids=,%20', 'container_ids must contain at least one id'],
    [
      `?container_ids=${Array.from({ length: 101 }, (_, i) => i).join()}`,
      'container_ids must contain at most 100 ids',
    ],
    [`?container_ids=${'x'.repeat(300)}`, 'container_ids must not be longer than 256 characters each'],
  ])('is refused for %s', async (query, message) => {
    const trace = createTestTrace(UNTAKEN)
    const { status_url } = await ask(trace, DAYS)
    const response = await trace.call(`${status_url}/lineage${query}`)
    expect(response.status).toBe(400)
    expect((await response.json()).error.message).toBe(message)
  })

  it('is that of its seeds alone, not of every lot that an id is known of', async () => {
    const trace = createTestTrace()
    const { status_url } = await askToTheEnd(trace, LOTS)
    const response = await trace.call(`${status_url}/lineage?container_ids=A,C`)
    expect(response.status).toBe(400)
    expect((await response.json()).error.message).toBe('container_ids must be seeds of the job: C is none')
  })

  it('takes an id with a comma in it where there are several parameters', async () => {
    const trace = createTestTrace()
    const { status_url } = await askToTheEnd(trace, LOTS)
    const response = await trace.call(`${status_url}/lineage?container_ids=A&container_ids=A,B`)
    expect((await response.json()).error.message).toBe('container_ids must be seeds of the job: A,B is none')
  })

  it('is no failed lineage when the caller leaves', async () => {
    const caller = new AbortController()
    let isEnded = false
    const source = scriptedSource({
      beforeLineage: () => {
        if (!isEnded) return
        caller.abort(new Error('left'))
        throw new Error('query cancelled')
      },
    })
    const trace = createTestTrace({ source })
    const { job_id } = await askToTheEnd(trace, LOTS)
    isEnded = true
    const { owner } = (await trace.log.snapshot(job_id)) as JobSnapshot
    const asked = trace.services.traceJobLineage(job_id, ['A'], {
      ...{ owner, fresh: false, signal: caller.signal },
    })
    await expect(asked).rejects.not.toMatchObject({ code: 'LINEAGE_FAILED' })
    expect(trace.warnings).toEqual([])
  })

  it('is not that of a job of CIDs, or of another caller', async () => {
    const identify = (request: Request) => request.headers.get('X-User') ?? 'anyone'
    const trace = createTestTrace({ ...UNTAKEN, identify })
    const { status_url } = await ask(trace, DAYS)
    const get = (url: string, user: string) =>
      trace.call(`${url}/lineage?container_ids=A`, { headers: { 'X-User': user } })
    expect((await get(status_url, 'bob')).status).toBe(404)
    const body = { profile: 'query_tool', container_ids: ['A'], domains: ['history'] }
    const events = await (await trace.post('events-async', body)).json()
    expect((await (await get(events.status_url, 'anyone')).json()).error.code).toBe('INVALID_PARAMS')
  })

  it('that fails says how', async () => {
    let isEnded = false
    const source = scriptedSource({
      beforeLineage: () => {
        if (isEnded) throw new Error('ORA-01013: user requested cancel')
      },
    })
    const trace = createTestTrace({ source })
    const { status_url } = await askToTheEnd(trace, DEFECT_LOTS)
    isEnded = true
    const response = await trace.call(`${status_url}/lineage?container_ids=A`)
    expect(response.status).toBe(504)
    expect((await response.json()).error.code).toBe('LINEAGE_TIMEOUT')
  })
})
