import { describe, expect, it } from 'vitest'
import { collectTrace } from './fixtures/collectTrace.js'
import { createScriptedTransport } from './fixtures/createScriptedTransport.js'
import { createVirtualEnvironment } from './fixtures/createVirtualEnvironment.js'
import { failure, json, stream, type Reply } from './fixtures/replies.js'
import * as wire from './fixtures/wire.js'
import { runTrace, type RunTraceOptions } from './runTrace.js'
import type { TraceQuestion } from './TraceQuestion.js'

const QUESTION: TraceQuestion = {
  profile: 'query_tool',
  params: { resolve_type: 'lot_id', values: ['LOT-A'] },
  domains: ['history', 'materials'],
}
const SHAPE = { domains: { history: [wire.rows('h', 3), wire.rows('i', 2)], materials: [wire.rows('m', 1)] } }
const ROWS = { history: [...wire.rows('h', 3), ...wire.rows('i', 2)], materials: wire.rows('m', 1) }

/** A run against a script that finds one seed and its children. */
async function trace(
  script: Record<string, Reply | Reply[]>,
  { question = QUESTION, ...options }: Partial<RunTraceOptions> & { question?: TraceQuestion } = {},
) {
  const environment = createVirtualEnvironment()
  const transport = createScriptedTransport(
    {
      [wire.ROUTES.seeds]: json(wire.seeds('A')),
      [wire.ROUTES.lineage]: json(wire.forwardLineage({ A: ['B', 'C'] })),
      ...script,
    },
    environment,
  )
  const collected = await environment.until(
    collectTrace(runTrace(question, { transport, environment, ...options })),
  )
  expect(environment.leftovers, 'timers and listeners left').toBe(0)
  return { ...collected, transport, environment }
}

describe('runTrace', () => {
  it('goes through the three stages and gives the rows of a synchronous answer', async () => {
    const { outcome, rows, updates, transport } = await trace({
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
    const { outcome, transport } = await trace({ [wire.ROUTES.seeds]: json(wire.seeds()) })
    expect(outcome.status).toBe('complete')
    expect(transport.seen).toHaveLength(1)
  })

  it('reads a synchronous answer that comes as a stream', async () => {
    const lines = [...wire.logLines(SHAPE)]
    lines.splice(2, 0, { type: 'progress', phase: 'fetching', rows: 0 })
    const { outcome, rows } = await trace({ [wire.ROUTES.events]: stream(lines) })
    expect(outcome.status).toBe('complete')
    expect(rows).toEqual(ROWS)
  })

  it.each([
    ['queued', 'started', 'finished'],
    ['queued', 'running', 'completed'],
  ])('polls a job through %s, %s, %s and then streams it', async (...states) => {
    const { outcome, rows, updates, transport } = await trace({
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
    const { outcome, rows, transport } = await trace({
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
    const { outcome, rows, transport } = await trace(
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

  it('reads a legacy result, which is one line without an end', async () => {
    const { outcome, rows } = await trace({
      [wire.ROUTES.events]: json(wire.ORIGINAL_202, { status: 202 }),
      [wire.ROUTES.status]: json(wire.status('finished')),
      [wire.ROUTES.stream]: stream([{ type: 'full_result', data: wire.eventsBody(SHAPE) }]),
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
    const { outcome, rows } = await trace({
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

  it('is partial when a synchronous answer lacks domains and says so', async () => {
    const shape = { domains: { history: SHAPE.domains.history }, failed: ['materials'] }
    const { outcome } = await trace({ [wire.ROUTES.events]: json(wire.eventsBody(shape)) })
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
    const collected = await trace(
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
    const { outcome } = await trace({
      [wire.ROUTES.events]: failure(status, code, { 'retry-after': '7' }),
    })
    expect(outcome).toMatchObject({
      status: 'failed',
      stage: 'events',
      error: { code, status, retryAfterMs: 7_000 },
    })
  })

  it("fails with the job's own error", async () => {
    const { outcome } = await trace({
      [wire.ROUTES.events]: json(wire.ORIGINAL_202, { status: 202 }),
      [wire.ROUTES.status]: json(wire.status('failed', { error: 'params is required' })),
    })
    expect(outcome).toMatchObject({
      status: 'failed',
      error: { code: 'JOB_FAILED', message: 'params is required' },
    })
  })
})
