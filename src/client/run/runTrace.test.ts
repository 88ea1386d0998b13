import { describe, expect, it } from 'vitest'
import { createVirtualEnvironment } from '../fixtures/createVirtualEnvironment.js'
import { failure, hang, json, jsonInParts, stream, type Reply } from '../fixtures/replies.js'
import { QUESTION, ROWS, runScript, SHAPE, startScript } from '../fixtures/runScript.js'
import * as wire from '../fixtures/wire.js'

describe('runTrace', () => {
  it('goes through the three stages and gives the rows of a synchronous answer', async () => {
    const { outcome, rows, updates, transport } = await runScript({
      [wire.ROUTES.events]: json(wire.eventsBody(SHAPE)),
    })
    expect(outcome.status).toBe('complete')
    expect(rows).toEqual(ROWS)
    expect(updates.filter(({ type }) => type === 'stage-started')).toMatchObject([
      { stage: 'seed-resolve' },
      { stage: 'lineage' },
      { stage: 'events' },
    ])
    expect(transport.seen.map(({ line, body }) => ({ line, body }))).toEqual([
      { line: wire.ROUTES.seeds, body: { profile: 'query_tool', params: QUESTION.params } },
      {
        line: wire.ROUTES.lineage,
        body: {
          profile: 'query_tool',
          container_ids: ['A'],
          cache_key: 'trace:seed:query_tool:38059e8cd014',
          params: QUESTION.params,
        },
      },
      {
        line: wire.ROUTES.events,
        body: {
          profile: 'query_tool',
          container_ids: ['A', 'B', 'C'],
          domains: ['history', 'materials'],
          cache_key: 'trace:seed:query_tool:38059e8cd014',
          params: QUESTION.params,
          seed_container_ids: ['A'],
          lineage: { ancestors: {}, children_map: { A: ['B', 'C'] }, seed_roots: {} },
        },
      },
    ])
    expect(transport.seen[2]!.headers).toMatchObject({
      Accept: 'application/x-ndjson, application/json',
      'Content-Type': 'application/json',
    })
  })

  it('is complete after the first stage when no seeds are found', async () => {
    const { outcome, transport } = await runScript({ [wire.ROUTES.seeds]: json(wire.seeds()) })
    expect(outcome.status).toBe('complete')
    expect(transport.seen).toHaveLength(1)
  })

  it('reads a synchronous answer that comes as a stream', async () => {
    const lines = [...wire.logLines(SHAPE)]
    lines.splice(2, 0, { type: 'progress', phase: 'fetching', rows: 0 })
    const { outcome, rows } = await runScript({ [wire.ROUTES.events]: stream(lines) })
    expect(outcome.status).toBe('complete')
    expect(rows).toEqual(ROWS)
  })

  it.each([
    ['queued', 'started', 'finished'],
    ['queued', 'running', 'completed'],
  ])('polls a job through %s, %s, %s and then streams it', async (...states) => {
    const { outcome, rows, updates, transport } = await runScript({
      [wire.ROUTES.events]: json(wire.ORIGINAL_202, { status: 202 }),
      [wire.ROUTES.status]: states.map((state) => json(wire.status(state))),
      [wire.ROUTES.stream]: stream(wire.logLines(SHAPE)),
    })
    expect(outcome.status).toBe('complete')
    expect(rows).toEqual(ROWS)
    expect(updates.flatMap((update) => (update.type === 'job-status' ? [update.status.status] : []))).toEqual(
      ['queued', 'running', 'completed'],
    )
    expect(transport.of(wire.ROUTES.stream)).toHaveLength(1)
  })

  it('follows the log of a job that can be followed, without a poll', async () => {
    const lines = wire.logLines({ ...SHAPE, epoch: 'e1' })
    const { outcome, rows, transport } = await runScript({
      [wire.ROUTES.events]: json(wire.FOLLOW_202, { status: 202 }),
      [wire.ROUTES.stream]: stream([lines[0]!, lines[1]!, { waitMs: 9_000 }, ...lines.slice(2)]),
    })
    expect(outcome.status).toBe('complete')
    expect(rows).toEqual(ROWS)
    expect(transport.seen.at(-1)!.line).toBe(`${wire.ROUTES.stream}?follow=1`)
  })

  it('pages a result that cannot be streamed', async () => {
    const page = (domain: string, all: object[]): Reply => {
      return ({ url }, environment) => {
        const { searchParams } = new URL(url)
        const from = Number(searchParams.get('offset'))
        const data = all.slice(from, from + Number(searchParams.get('limit')))
        const results = { [domain]: { data, count: data.length, total: all.length } }
        return json({ stage: 'events', results, aggregation: null })(null!, environment)
      }
    }
    const { outcome, rows, transport } = await runScript(
      {
        [wire.ROUTES.events]: json({ ...wire.ORIGINAL_202, stream_url: null }, { status: 202 }),
        [wire.ROUTES.status]: json(wire.status('finished')),
        [wire.ROUTES.result]: [
          ...Array(3).fill(page('history', ROWS.history)),
          page('materials', ROWS.materials),
        ],
      },
      { policy: { pageRows: 2 } },
    )
    expect(outcome.status).toBe('complete')
    expect(rows).toEqual(ROWS)
    expect(transport.of(wire.ROUTES.result).map(({ line }) => line.split('?')[1])).toEqual([
      'domain=history&offset=0&limit=2',
      'domain=history&offset=2&limit=2',
      'domain=history&offset=4&limit=2',
      'domain=materials&offset=0&limit=2',
    ])
  })

  it.each([
    ['as its server writes it', { type: 'full_result', data: wire.eventsBody(SHAPE) }],
    ['in any order of keys', { data: wire.eventsBody(SHAPE), type: 'full_result' }],
  ])('reads a legacy result, which is one line without an end, %s', async (_, line) => {
    const { outcome, rows } = await runScript({
      [wire.ROUTES.events]: json(wire.ORIGINAL_202, { status: 202 }),
      [wire.ROUTES.status]: json(wire.status('finished')),
      [wire.ROUTES.stream]: stream([line]),
    })
    expect(outcome.status).toBe('complete')
    expect(rows).toEqual(ROWS)
  })

  it.each([
    ['the original', undefined],
    ['ours', 'e1'],
  ])('is partial when domains were declared failed (%s)', async (_, epoch) => {
    const shape = { domains: { history: SHAPE.domains.history }, failed: ['materials'], epoch }
    const accepted = epoch ? wire.FOLLOW_202 : wire.ORIGINAL_202
    const { outcome, rows } = await runScript({
      [wire.ROUTES.events]: json(accepted, { status: 202 }),
      [wire.ROUTES.status]: json(wire.status('finished')),
      [wire.ROUTES.stream]: stream(wire.logLines(shape)),
    })
    expect(outcome).toMatchObject({
      status: 'partial',
      failedDomains: ['materials'],
      error: { code: 'EVENTS_PARTIAL_FAILURE' },
    })
    expect(rows).toEqual({ history: ROWS.history })
  })

  it('says why a domain has failed, where the server says more than that it did', async () => {
    const shape = { domains: { history: SHAPE.domains.history }, failed: ['materials'], epoch: 'e1' }
    const lines = wire.logLines(shape).map((line) => {
      const { type } = line as { type: string }
      return type === 'domain_failed' ? { ...line, code: 'SOURCE_TIMEOUT' } : line
    })
    const { outcome } = await runScript({
      [wire.ROUTES.events]: json(wire.FOLLOW_202, { status: 202 }),
      [wire.ROUTES.status]: json(wire.status('finished')),
      [wire.ROUTES.stream]: stream(lines),
    })
    expect(outcome).toMatchObject({
      status: 'partial',
      error: { code: 'EVENTS_PARTIAL_FAILURE', cause: { code: 'SOURCE_TIMEOUT' } },
    })
  })

  it('is partial when a synchronous answer lacks domains and says so', async () => {
    const shape = { domains: { history: SHAPE.domains.history }, failed: ['materials'] }
    const { outcome } = await runScript({ [wire.ROUTES.events]: json(wire.eventsBody(shape)) })
    expect(outcome).toMatchObject({ status: 'partial', failedDomains: ['materials'] })
  })

  it('gives the figures of a defect trace', async () => {
    const aggregation = { kpi: { lot_count: 3 } }
    const shape = {
      domains: { upstream_history: [wire.rows('u', 2)], materials: [] },
      aggregation,
      profile: 'mid_section_defect',
    }
    const question = { profile: 'mid_section_defect', params: { start_date: '2026-02-01' } }
    const collected = await runScript(
      {
        [wire.ROUTES.lineage]: json(wire.backwardLineage({ A: ['W'] })),
        [wire.ROUTES.events]: json(wire.ORIGINAL_202, { status: 202 }),
        [wire.ROUTES.status]: json(wire.status('finished')),
        [wire.ROUTES.stream]: stream(wire.logLines(shape)),
      },
      { question },
    )
    expect(collected.outcome.status).toBe('complete')
    expect(collected.aggregation).toEqual(aggregation)
    expect(collected.rows).toEqual({ upstream_history: wire.rows('u', 2), materials: [] })
    expect(collected.transport.of(wire.ROUTES.events)[0]!.body).toMatchObject({
      domains: ['upstream_history', 'materials'],
      container_ids: ['A', 'W'],
    })
  })

  it.each([
    [404, 'JOB_NOT_FOUND'],
    [409, 'JOB_NOT_COMPLETE'],
    [413, 'CID_LIMIT_EXCEEDED'],
    [429, 'TOO_MANY_REQUESTS'],
    [503, 'QUEUE_FULL'],
    [504, 'LINEAGE_TIMEOUT'],
  ])('fails with the code of a stage that answers %i %s', async (status, code) => {
    const { outcome } = await runScript({
      [wire.ROUTES.events]: failure(status, code, { 'retry-after': '7' }),
    })
    expect(outcome).toMatchObject({
      status: 'failed',
      stage: 'events',
      error: { code, status, retryAfterMs: 7_000 },
    })
  })

  it("fails with the job's own error", async () => {
    const { outcome } = await runScript({
      [wire.ROUTES.events]: json(wire.ORIGINAL_202, { status: 202 }),
      [wire.ROUTES.status]: json(wire.status('failed', { error: 'params is required' })),
    })
    expect(outcome).toMatchObject({
      status: 'failed',
      error: { code: 'JOB_FAILED', message: 'params is required' },
    })
  })
})

const FOLLOW = json(wire.FOLLOW_202, { status: 202 })
const NUMBERED = wire.logLines({ ...SHAPE, epoch: 'e1' })

/** Large bodies are parsed in slices of real time: meanwhile no deadline may pass. */
function withoutDeadlines() {
  const sleep = (ms: number) => (ms === 0 ? Promise.resolve() : new Promise<void>(() => {}))
  return { ...createVirtualEnvironment(), sleep }
}

describe('runTrace: big requests', () => {
  it('asks for a minimal lineage, and names it instead of sending it', async () => {
    const { outcome, transport } = await runScript({
      [wire.ROUTES.lineage]: json({ stage: 'lineage', lineage_id: 'lin-1', cid_count: 114_002 }),
      [wire.ROUTES.events]: json(wire.eventsBody(SHAPE)),
    })
    expect(outcome.status).toBe('complete')
    expect(transport.seen[1]!.headers.Prefer).toBe('return=minimal')
    expect(transport.seen[2]!.body).toEqual({
      profile: 'query_tool',
      domains: QUESTION.domains,
      params: QUESTION.params,
      cache_key: 'trace:seed:query_tool:38059e8cd014',
      lineage_id: 'lin-1',
    })
  })

  it('leaves out what it does not need of a lineage from a server that knows no minimal one', async () => {
    const ids = ['C1', 'C2']
    const lineage = {
      ancestors: Object.fromEntries(ids.map((id) => [id, [`P${id}`]])),
      nodes: Object.fromEntries(ids.map((id) => [id, { container_id: id, node_type: 'LOT' }])),
      edges: ids.map((id) => ({ from_cid: `P${id}`, to_cid: id })),
      total_nodes: 4,
    }
    const { ended, transport } = startScript(
      {
        [wire.ROUTES.seeds]: json(wire.seeds(...ids)),
        [wire.ROUTES.lineage]: jsonInParts([JSON.stringify(lineage)]),
        [wire.ROUTES.events]: json(wire.eventsBody(SHAPE)),
      },
      { environment: withoutDeadlines() },
    )
    const { updates } = await ended
    const { ancestors, total_nodes } = lineage
    expect(updates.find(({ type }) => type === 'lineage')).toMatchObject({
      lineage: { ancestors: null, cidCount: 4, raw: { total_nodes } },
    })
    expect(transport.seen.at(-1)!.body).toMatchObject({
      container_ids: ['C1', 'C2', 'PC1', 'PC2'],
      seed_container_ids: ids,
      lineage: { ancestors },
    })
  })

  it('asks for the whole lineage when the page wants it, and gives it to the page', async () => {
    const answer = { ...wire.backwardLineage({ A: ['W'] }), nodes: { A: { node_type: 'LOT' } } }
    const { transport, updates } = await runScript(
      { [wire.ROUTES.lineage]: json(answer), [wire.ROUTES.events]: json(wire.eventsBody(SHAPE)) },
      { question: { ...QUESTION, lineage: 'full' } },
    )
    expect(transport.seen[1]!.headers.Prefer).toBeUndefined()
    expect(updates.find(({ type }) => type === 'lineage')).toMatchObject({
      lineage: { ancestors: { A: ['W'] }, raw: answer },
    })
    expect(transport.seen[2]!.body).toMatchObject({ lineage: { ancestors: { A: ['W'] } } })
  })

  it('asks for the lineage again, once, when the server has forgotten it', async () => {
    const lineage = ['lin-1', 'lin-2', 'lin-3'].map((id) => json({ stage: 'lineage', lineage_id: id }))
    const forgotten = failure(404, 'LINEAGE_NOT_FOUND')
    const once = await runScript({
      [wire.ROUTES.lineage]: lineage,
      [wire.ROUTES.events]: [forgotten, json(wire.eventsBody(SHAPE))],
    })
    expect(once.outcome.status).toBe('complete')
    expect(once.transport.seen.at(-1)!.body).toMatchObject({ lineage_id: 'lin-2' })

    const always = await runScript({ [wire.ROUTES.lineage]: lineage, [wire.ROUTES.events]: forgotten })
    expect(always.outcome).toMatchObject({ status: 'failed', error: { code: 'LINEAGE_NOT_FOUND' } })
    expect(always.transport.of(wire.ROUTES.lineage)).toHaveLength(2)
  })

  it('does not go on without a lineage', async () => {
    const { outcome } = await runScript({ [wire.ROUTES.lineage]: json({ stage: 'lineage', total_nodes: 1 }) })
    expect(outcome).toMatchObject({
      status: 'failed',
      stage: 'lineage',
      error: { code: 'UNEXPECTED_RESPONSE' },
    })
  })

  it('writes a body of many ids as JSON.stringify would', async () => {
    const children = Array.from({ length: 2_500 }, (_, i) => `C"${i}-子`)
    const { ended, transport } = startScript(
      {
        [wire.ROUTES.lineage]: json(wire.forwardLineage({ A: children })),
        [wire.ROUTES.events]: json(wire.eventsBody(SHAPE)),
      },
      { environment: withoutDeadlines() },
    )
    await ended
    expect(transport.seen[2]!.body).toMatchObject({
      container_ids: ['A', ...children],
      lineage: { children_map: { A: children } },
    })
  })
})

describe('runTrace: a job that is lost', () => {
  const LOST = failure(404, 'JOB_NOT_FOUND')
  const OTHER_ID = 'trace-evt-another'
  const OTHER_PATH = wire.FOLLOW_202.status_url.replace(wire.JOB_ID, OTHER_ID)
  const OTHER = json(
    {
      ...wire.ORIGINAL_202,
      job_id: OTHER_ID,
      status_url: OTHER_PATH,
      follow_url: `${OTHER_PATH}/stream?follow=1`,
    },
    { status: 202 },
  )
  const OTHER_LOG = NUMBERED.with(0, { ...NUMBERED[0], job_id: OTHER_ID, epoch: 'e2' })

  it('is asked anew in mid-run, once, and its rows take the place of those held', async () => {
    const { outcome, rows, updates, transport } = await runScript({
      [wire.ROUTES.events]: [FOLLOW, OTHER],
      [wire.ROUTES.stream]: [stream(NUMBERED.slice(0, 3), 'break'), LOST],
      [`GET ${OTHER_PATH}/stream`]: stream(OTHER_LOG),
    })
    expect(outcome.status).toBe('complete')
    expect(rows).toEqual(ROWS)
    expect(outcome.checkpoint.job?.jobId).toBe(OTHER_ID)
    expect(transport.of(wire.ROUTES.seeds)).toHaveLength(1)
    const types = updates.map(({ type }) => type)
    const lostAt = types.indexOf('job-lost')
    expect(updates[lostAt]).toMatchObject({
      error: { code: 'JOB_NOT_FOUND' },
      checkpoint: { job: undefined },
    })
    expect(types.slice(lostAt + 1, lostAt + 6)).toEqual([
      'stage-started',
      'job-accepted',
      'rows-dropped',
      'domain-started',
      'rows',
    ])
  })

  it('is asked anew when it is polled, too', async () => {
    const { outcome, rows } = await runScript({
      [wire.ROUTES.events]: [json(wire.ORIGINAL_202, { status: 202 }), OTHER],
      [wire.ROUTES.status]: [json(wire.status('started')), LOST],
      [`GET ${OTHER_PATH}/stream`]: stream(OTHER_LOG),
    })
    expect([outcome.status, rows]).toEqual(['complete', ROWS])
  })

  it('is asked anew with another lineage, where its server has lost that as well', async () => {
    const { outcome, rows, transport } = await runScript({
      [wire.ROUTES.lineage]: ['lin-1', 'lin-2'].map((id) => json({ stage: 'lineage', lineage_id: id })),
      [wire.ROUTES.events]: [FOLLOW, failure(404, 'LINEAGE_NOT_FOUND'), OTHER],
      [wire.ROUTES.stream]: LOST,
      [`GET ${OTHER_PATH}/stream`]: stream(OTHER_LOG),
    })
    expect([outcome.status, rows]).toEqual(['complete', ROWS])
    expect(transport.of(wire.ROUTES.events).at(-1)!.body).toMatchObject({ lineage_id: 'lin-2' })
  })

  it('is not asked anew a second time', async () => {
    const { outcome, transport } = await runScript({
      [wire.ROUTES.events]: FOLLOW,
      [wire.ROUTES.stream]: [stream(NUMBERED.slice(0, 3), 'break'), LOST],
    })
    expect(outcome).toMatchObject({ status: 'failed', error: { code: 'JOB_NOT_FOUND' } })
    expect(transport.of(wire.ROUTES.events)).toHaveLength(2)
  })

  it('is asked anew when the same page goes on with it, but not a job that another page has left', async () => {
    const away = [stream(NUMBERED.slice(0, 3), 'break'), failure(502, 'INTERNAL_ERROR')]
    const first = await runScript({ [wire.ROUTES.events]: FOLLOW, [wire.ROUTES.stream]: away })
    expect(first.outcome).toMatchObject({ status: 'failed', error: { code: 'RETRIES_EXHAUSTED' } })
    const script = {
      [wire.ROUTES.stream]: LOST,
      [wire.ROUTES.events]: OTHER,
      [`GET ${OTHER_PATH}/stream`]: stream(OTHER_LOG),
    }
    const { checkpoint } = first.outcome
    const second = await runScript(script, { from: checkpoint, held: first.rows })
    expect(second).toMatchObject({ outcome: { status: 'complete' }, rows: ROWS })
    const reloaded = await runScript(script, { from: { job: checkpoint.job } })
    expect(reloaded.outcome).toMatchObject({ status: 'failed', error: { code: 'JOB_NOT_FOUND' } })
    expect(reloaded.transport.of(wire.ROUTES.events)).toEqual([])
  })

  it('keeps whole domains when only the others were asked for', async () => {
    const from = {
      job: (await runScript({ [wire.ROUTES.events]: FOLLOW, [wire.ROUTES.stream]: LOST })).updates.flatMap(
        (update) => (update.type === 'job-accepted' ? [update.job] : []),
      )[0]!,
      seeds: {
        seeds: [{ containerId: 'A', containerName: null, lotId: null }],
        cacheKey: null,
        unmatched: null,
      },
      domains: ['materials'],
    }
    const lineage = (await runScript({ [wire.ROUTES.events]: json(wire.eventsBody(SHAPE)) })).outcome
      .checkpoint.lineage!
    const rest = { domains: { materials: SHAPE.domains.materials } }
    const { outcome, rows, transport } = await runScript(
      { [wire.ROUTES.stream]: LOST, [wire.ROUTES.events]: json(wire.eventsBody(rest)) },
      { from: { ...from, lineage }, held: { history: ROWS.history } },
    )
    expect([outcome.status, rows]).toEqual(['complete', ROWS])
    expect(transport.of(wire.ROUTES.events)[0]!.body).toMatchObject({ domains: ['materials'] })
  })
})

describe('runTrace: a job of which there is no news', () => {
  const silentAt = (updates: { type: string; reason?: string }[]) =>
    updates.findIndex(({ type, reason }) => type === 'waiting' && reason === 'silent')

  it.each([
    [
      'polled',
      { ...wire.ORIGINAL_202 },
      {
        [wire.ROUTES.status]: Array.from({ length: 700 }, (_, i) =>
          json(wire.status('started', { elapsed_seconds: i })),
        ),
      },
    ],
    [
      'followed',
      wire.FOLLOW_202,
      {
        [wire.ROUTES.stream]: stream([
          NUMBERED[0]!,
          ...Array.from({ length: 300 }, (_, i) => [
            { type: 'progress', phase: 'fetching', rows: 0, eta_seconds: i },
            { waitMs: 10_000 },
          ]).flat(),
        ]),
      },
    ],
  ])('is said to be silent after half an hour, and goes on: %s', async (_, accepted, script) => {
    const controller = new AbortController()
    const { environment, ended } = startScript(
      { [wire.ROUTES.events]: json(accepted, { status: 202 }), ...script },
      { signal: controller.signal },
    )
    await environment.advance(1_700_000)
    await environment.advance(200_000)
    controller.abort()
    const { outcome, updates } = await ended
    expect(outcome.status).toBe('aborted')
    expect(silentAt(updates)).toBeGreaterThan(100)
    // Said again with each word that is no news: a state in between would be taken for the end of it.
    expect(updates.at(-1)).toMatchObject({ type: 'waiting', reason: 'silent' })
  })

  it('is not said to be silent while it says something new, however slow it is', async () => {
    const slow = Array.from({ length: 30 }, (_, rows) => [
      { type: 'progress', phase: 'fetching', rows },
      ...Array.from({ length: 9 }, () => [
        { waitMs: 10_000 },
        { type: 'progress', phase: 'fetching', rows },
      ]).flat(),
    ]).flat()
    const { outcome, updates } = await runScript({
      [wire.ROUTES.events]: FOLLOW,
      [wire.ROUTES.stream]: stream([NUMBERED[0]!, ...slow, ...NUMBERED.slice(1)]),
    })
    expect(outcome.status).toBe('complete')
    expect(silentAt(updates)).toBe(-1)
  })
})

describe('runTrace: behind a path', () => {
  it.each([
    ['takes it off', ''],
    ['names it', '/mes'],
  ])('finds its jobs where a server %s', async (_, prefix) => {
    const of = (url: string) => prefix + url
    const accepted = { ...wire.ORIGINAL_202, status_url: of(wire.ORIGINAL_202.status_url) }
    const script = Object.fromEntries(
      Object.entries({
        [wire.ROUTES.seeds]: json(wire.seeds('A')),
        [wire.ROUTES.lineage]: json(wire.forwardLineage({ A: ['B', 'C'] })),
        [wire.ROUTES.events]: json({ ...accepted, stream_url: of(accepted.stream_url) }, { status: 202 }),
        [wire.ROUTES.status]: json(wire.status('finished')),
        [wire.ROUTES.stream]: stream(wire.logLines(SHAPE)),
      }).map(([route, reply]) => [route.replace(' ', ' /mes'), reply]),
    )
    const environment = { ...createVirtualEnvironment(), baseUrl: 'http://trace.test/mes/' }
    const { outcome, rows } = await runScript(script, { environment })
    expect([outcome.status, rows]).toEqual(['complete', ROWS])
  })
})

describe('runTrace: timeouts and aborts', () => {
  it.each([
    [wire.ROUTES.seeds, 'seed-resolve'],
    [wire.ROUTES.lineage, 'lineage'],
    [wire.ROUTES.events, 'events'],
  ])('gives %s 360 s, and says that it was a timeout', async (route, stage) => {
    const { outcome, transport, environment } = await runScript({ [route]: hang() })
    expect(outcome).toMatchObject({ status: 'failed', stage, error: { code: 'REQUEST_TIMEOUT' } })
    expect(environment.now() - transport.seen.at(-1)!.atMs).toBe(360_000)
    expect(transport.seen.at(-1)!.signal.aborted).toBe(true)
  })

  it.each([
    ['resolving seeds', { [wire.ROUTES.seeds]: hang() }],
    ['tracing the lineage', { [wire.ROUTES.lineage]: hang() }],
    ['asking for events', { [wire.ROUTES.events]: hang() }],
    [
      'polling',
      {
        [wire.ROUTES.events]: json(wire.ORIGINAL_202, { status: 202 }),
        [wire.ROUTES.status]: json(wire.status('started')),
      },
    ],
    [
      'following',
      { [wire.ROUTES.events]: FOLLOW, [wire.ROUTES.stream]: stream(NUMBERED.slice(0, 3), 'hang') },
    ],
    ['waiting to reconnect', { [wire.ROUTES.events]: FOLLOW, [wire.ROUTES.stream]: stream([]) }],
  ] as [string, Record<string, Reply>][])('is aborted at once while %s', async (_, script) => {
    const controller = new AbortController()
    const { environment, ended, transport } = startScript(script, { signal: controller.signal })
    await environment.advance(100)
    controller.abort()
    const { outcome } = await ended
    expect(outcome.status).toBe('aborted')
    expect(environment.leftovers).toBe(0)
    expect(transport.seen.at(-1)!.signal.aborted).toBe(true)
  })

  it('sends nothing when it is aborted before it begins', async () => {
    const { outcome, transport } = await runScript({}, { signal: AbortSignal.abort() })
    expect(outcome.status).toBe('aborted')
    expect(transport.seen).toEqual([])
  })
})

describe('runTrace: addresses', () => {
  it.each([
    'https://evil.test/api/trace/job/x',
    '//evil.test/x',
    'http://trace.test:8080/x',
    'https://trace.test/x',
    'http://user:word@trace.test/x',
    'javascript:alert(1)',
    'data:application/json,{}',
    '/\\evil.test/x',
    'http://[',
  ])('does not ask %s', async (url) => {
    const { outcome, transport } = await runScript({
      [wire.ROUTES.events]: json({ ...wire.ORIGINAL_202, status_url: url }, { status: 202 }),
    })
    expect(outcome).toMatchObject({ status: 'failed', error: { code: 'FOREIGN_URL' } })
    expect(transport.seen).toHaveLength(3)
  })
})
