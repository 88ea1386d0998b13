import { describe, expect, it } from 'vitest'
import { createVirtualEnvironment } from '../fixtures/createVirtualEnvironment.js'
import { failure, html, json, stream, type Reply } from '../fixtures/replies.js'
import { QUESTION, ROWS, runScript, SHAPE, startScript, type ScriptOptions } from '../fixtures/runScript.js'
import * as wire from '../fixtures/wire.js'
import type { TraceUpdate } from './TraceUpdate.js'

const SEEDS = wire.rows('s', 2)
const RUN_SHAPE = { domains: { seeds: [SEEDS], ...SHAPE.domains }, unmatched: ['LOT-X'] }
const RUN_ROWS = { seeds: SEEDS, ...ROWS }
const LINES = wire.runLines({ ...RUN_SHAPE, epoch: 'e1' })
const ACCEPTED = json(wire.RUN_202, { status: 202 })
const WHOLE = { [wire.ROUTES.run]: ACCEPTED, [wire.ROUTES.stream]: stream(LINES) }

let servers = 0

/** As a page does it; each time at an address of its own, since what a server can do is remembered. */
function run(script: Record<string, Reply | readonly Reply[]>, options: ScriptOptions = {}) {
  const environment = createVirtualEnvironment({ baseUrl: `http://trace-${++servers}.test` })
  return runScript(script, { environment, pipeline: 'auto', ...options })
}

function stagesOf(updates: TraceUpdate[]) {
  return updates.flatMap((update) => (update.type === 'stage-started' ? [update.stage] : []))
}

function lines({ seen }: { seen: { line: string }[] }) {
  return seen.map(({ line }) => line)
}

describe('a question that is one job', () => {
  it('asks once, and reads seeds and events of one log', async () => {
    const { outcome, rows, transport, updates } = await run(WHOLE)
    expect(outcome.status).toBe('complete')
    expect(rows).toEqual(RUN_ROWS)
    expect(lines(transport)).toEqual([wire.ROUTES.run, `${wire.ROUTES.stream}?follow=1`])
    expect(transport.seen[0]!.body).toEqual({
      profile: 'query_tool',
      params: QUESTION.params,
      domains: ['history', 'materials'],
    })
    expect(updates).toContainEqual(
      expect.objectContaining({ type: 'unmatched', unmatched: { count: 1, values: ['LOT-X'] } }),
    )
  })

  it('tells its stages by the phase that the server names', async () => {
    const progress = (phase: string) => ({ type: 'progress', phase, seeds_done: 1, seeds_total: 2 })
    const [meta, ...rest] = LINES
    const script = stream([
      meta!,
      progress('queued'),
      progress('seeds'),
      ...rest.slice(0, 3),
      progress('lineage'),
      ...rest.slice(3, 6),
      progress('fetching'),
      ...rest.slice(6),
    ])
    const { outcome, updates } = await run({ ...WHOLE, [wire.ROUTES.stream]: script })
    expect(outcome.status).toBe('complete')
    expect(stagesOf(updates)).toEqual(['seed-resolve', 'lineage', 'events'])
  })

  it('does not go back to a stage that a worker passes through after a takeover', async () => {
    const progress = (phase: string) => ({ type: 'progress', phase })
    const [meta, ...rest] = LINES
    const taken = ['lineage', 'fetching', 'seeds', 'lineage', 'fetching'].map(progress)
    const script = stream([meta!, ...rest.slice(0, 6), ...taken, ...rest.slice(6)])
    const { outcome, updates } = await run({ ...WHOLE, [wire.ROUTES.stream]: script })
    expect(outcome.status).toBe('complete')
    expect(stagesOf(updates)).toEqual(['seed-resolve', 'lineage', 'events'])
  })

  it('begins with its first stage again when its log does', async () => {
    const reset = { type: 'reset', epoch: 'e2' }
    const anew = wire.runLines({ ...RUN_SHAPE, epoch: 'e2' })
    const script = stream([...LINES.slice(0, 8), { type: 'progress', phase: 'fetching' }, reset, ...anew])
    const { outcome, rows, updates } = await run({ ...WHOLE, [wire.ROUTES.stream]: script })
    expect(outcome.status).toBe('complete')
    expect(rows).toEqual(RUN_ROWS)
    const whole = ['seed-resolve', 'lineage', 'events']
    expect(stagesOf(updates)).toEqual([...whole, ...whole])
  })

  it('tells its stages by what has come where the server names no phase', async () => {
    const { updates } = await run(WHOLE)
    expect(stagesOf(updates)).toEqual(['seed-resolve', 'lineage', 'events'])
    const only = wire.runLines({ domains: { seeds: [SEEDS] }, failed: ['history'], epoch: 'e1' })
    const none = await run(
      { ...WHOLE, [wire.ROUTES.stream]: stream(only) },
      { question: { ...QUESTION, domains: ['history'] } },
    )
    expect(none.outcome.status).toBe('partial')
    expect(stagesOf(none.updates)).toEqual(['seed-resolve', 'lineage', 'events'])
  })

  it('is complete, with every domain empty, when no seed is found', async () => {
    const shape = { domains: { seeds: [], history: [], materials: [] }, unmatched: ['LOT-A'], epoch: 'e1' }
    const { outcome, rows } = await run({ ...WHOLE, [wire.ROUTES.stream]: stream(wire.runLines(shape)) })
    expect(outcome.status).toBe('complete')
    expect(rows).toEqual({ seeds: [], history: [], materials: [] })
  })

  it('is polled, then streamed, where its log cannot be followed', async () => {
    const detail = (phase: string) => json(wire.status('started', { progress_detail: { phase } }))
    const { outcome, rows, updates } = await run({
      [wire.ROUTES.run]: json({ ...wire.ORIGINAL_202, stage: 'run' }, { status: 202 }),
      [wire.ROUTES.status]: [detail('seeds'), detail('lineage'), json(wire.status('finished'))],
      [wire.ROUTES.stream]: stream(wire.runLines({ ...RUN_SHAPE, epoch: 'e1' })),
    })
    expect(outcome.status).toBe('complete')
    expect(rows).toEqual(RUN_ROWS)
    expect(stagesOf(updates)).toEqual(['seed-resolve', 'lineage', 'events'])
  })

  it('is not complete without its seeds', async () => {
    const bare = wire.logLines({ ...SHAPE, epoch: 'e1' })
    const { outcome } = await run({ ...WHOLE, [wire.ROUTES.stream]: stream(bare) })
    expect(outcome).toMatchObject({ status: 'failed', error: { code: 'DOMAIN_MISSING' } })
  })

  it.each([
    ['SEED_RESOLVE_FAILED', 'seed-resolve'],
    ['LINEAGE_TIMEOUT', 'lineage'],
    ['LINEAGE_FAILED', 'lineage'],
    ['JOB_TIMEOUT', 'seed-resolve'],
  ])(
    'that fails with %s has failed in the stage %s, and a retry has the server go on',
    async (code, stage) => {
      const error = { type: 'error', code, message: 'gone wrong', retryable: false }
      const first = await run({ ...WHOLE, [wire.ROUTES.stream]: stream([LINES[0]!, LINES[1]!, error]) })
      expect(first.outcome).toMatchObject({ status: 'failed', stage, error: { code } })
      const second = await run(
        {
          [wire.ROUTES.retry]: json(wire.RUN_202, { status: 202 }),
          [wire.ROUTES.stream]: stream(LINES.slice(2)),
        },
        { from: first.outcome.checkpoint, held: first.rows },
      )
      expect(second).toMatchObject({ outcome: { status: 'complete' }, rows: RUN_ROWS })
      expect(lines(second.transport)).toEqual([
        wire.ROUTES.retry,
        `${wire.ROUTES.stream}?follow=1&after=2&epoch=e1`,
      ])
      expect(second.outcome.checkpoint.job?.isRun).toBe(true)
    },
  )

  it('that is partial is gone on with by its server, and keeps what is whole', async () => {
    const { seeds, history } = RUN_SHAPE.domains
    const shape = { domains: { seeds, history }, failed: ['materials'], epoch: 'e1' }
    const partial = wire.runLines(shape)
    const first = await run({ ...WHOLE, [wire.ROUTES.stream]: stream(partial) })
    expect(first.outcome).toMatchObject({ status: 'partial', failedDomains: ['materials'] })
    const head = partial.filter((line) => 'seq' in line).length
    const [data] = SHAPE.domains.materials
    const again = [
      { type: 'domain_start', seq: head + 1, domain: 'materials', total: null },
      { type: 'records', seq: head + 2, domain: 'materials', batch: 0, count: 1, data },
      { type: 'domain_end', seq: head + 3, domain: 'materials', count: 1 },
      { type: 'complete', total_records: 8 },
    ]
    const second = await run(
      { [wire.ROUTES.retry]: json({}, { status: 202 }), [wire.ROUTES.stream]: stream(again) },
      { from: first.outcome.checkpoint, held: first.rows },
    )
    expect(second).toMatchObject({ outcome: { status: 'complete' }, rows: RUN_ROWS })
  })

  it('that is partial and gone is asked for anew as a whole', async () => {
    const { seeds, history } = RUN_SHAPE.domains
    const shape = { domains: { seeds, history }, failed: ['materials'], epoch: 'e1' }
    const first = await run({ ...WHOLE, [wire.ROUTES.stream]: stream(wire.runLines(shape)) })
    const second = await run(
      { ...WHOLE, [wire.ROUTES.retry]: failure(404, 'JOB_NOT_FOUND') },
      { from: first.outcome.checkpoint, held: first.rows },
    )
    expect(second).toMatchObject({ outcome: { status: 'complete' }, rows: RUN_ROWS })
    expect(second.transport.of(wire.ROUTES.run)[0]!.body).toMatchObject({ domains: QUESTION.domains })
    expect(second.outcome.checkpoint.domains).toBeUndefined()
  })

  it.each([
    ['gone', { [wire.ROUTES.retry]: failure(404, 'JOB_NOT_FOUND') }],
    [
      'lost in mid-run',
      {
        [wire.ROUTES.retry]: json({}, { status: 202 }),
        [wire.ROUTES.stream]: failure(404, 'JOB_NOT_FOUND'),
      },
    ],
  ])('that is partial and %s does not mix with rows that the stages fetch', async (_, script) => {
    const { seeds, history } = RUN_SHAPE.domains
    const shape = { domains: { seeds, history }, failed: ['materials'], epoch: 'e1' }
    const first = await run({ ...WHOLE, [wire.ROUTES.stream]: stream(wire.runLines(shape)) })
    const second = await run(
      {
        ...script,
        [wire.ROUTES.run]: failure(503, 'QUEUE_UNAVAILABLE'),
        [wire.ROUTES.events]: json(wire.eventsBody(SHAPE)),
      },
      { from: first.outcome.checkpoint, held: first.rows },
    )
    expect(second).toMatchObject({ outcome: { status: 'complete' } })
    expect(second.rows).toEqual(ROWS)
    expect(second.transport.of(wire.ROUTES.events)[0]!.body).toMatchObject({ domains: QUESTION.domains })
  })

  it('is attached to again after a reload, from the start of its log', async () => {
    const first = await run(WHOLE)
    const { job } = first.outcome.checkpoint
    const second = await run({ [wire.ROUTES.stream]: stream(LINES) }, { from: { job } })
    expect(second).toMatchObject({ outcome: { status: 'complete' }, rows: RUN_ROWS })
    expect(second.updates).toContainEqual(expect.objectContaining({ type: 'unmatched' }))
    expect(lines(second.transport)).toEqual([`${wire.ROUTES.stream}?follow=1`])
  })

  it('that the server no longer knows in mid-run is asked for anew, once, and shown until then', async () => {
    const lost = await run({
      [wire.ROUTES.run]: ACCEPTED,
      [wire.ROUTES.stream]: [
        stream(LINES.slice(0, 5), 'break'),
        failure(404, 'JOB_NOT_FOUND'),
        stream(wire.runLines({ ...RUN_SHAPE, epoch: 'e2' })),
      ],
    })
    expect(lost).toMatchObject({ outcome: { status: 'complete' }, rows: RUN_ROWS })
    const types = lost.updates.map(({ type }) => type)
    expect(types.filter((type) => type === 'job-lost')).toHaveLength(1)
    expect(types.indexOf('rows-dropped')).toBeGreaterThan(types.lastIndexOf('job-accepted'))
    const again = await run({
      [wire.ROUTES.run]: ACCEPTED,
      [wire.ROUTES.stream]: [stream(LINES.slice(0, 5), 'break'), failure(404, 'JOB_NOT_FOUND')],
    })
    expect(again.outcome).toMatchObject({ status: 'failed', error: { code: 'JOB_NOT_FOUND' } })
    expect(again.transport.of(wire.ROUTES.run)).toHaveLength(2)
  })

  it('shows nothing of a lost job once the question has gone on by stages', async () => {
    const { outcome, rows, unmatched } = await run({
      [wire.ROUTES.run]: [ACCEPTED, failure(503, 'QUEUE_UNAVAILABLE')],
      [wire.ROUTES.stream]: [stream(LINES.slice(0, 8), 'break'), failure(404, 'JOB_NOT_FOUND')],
      [wire.ROUTES.events]: json(wire.eventsBody(SHAPE)),
    })
    expect(outcome.status).toBe('complete')
    expect(rows).toEqual(ROWS)
    expect(unmatched).toBeNull()
  })

  it('shows no old rows when the stages that follow find no seeds', async () => {
    const { outcome, rows, unmatched } = await run({
      [wire.ROUTES.run]: [ACCEPTED, failure(503, 'QUEUE_UNAVAILABLE')],
      [wire.ROUTES.stream]: [stream(LINES.slice(0, 8), 'break'), failure(404, 'JOB_NOT_FOUND')],
      [wire.ROUTES.seeds]: json(wire.seeds()),
    })
    expect(outcome.status).toBe('complete')
    expect(rows).toEqual({})
    expect(unmatched).toBeNull()
    expect(outcome.checkpoint.job).toBeUndefined()
  })

  it('that another page has left is asked for anew only if it was lost while this page read it', async () => {
    const { job } = (await run(WHOLE)).outcome.checkpoint
    const gone = await run(
      { ...WHOLE, [wire.ROUTES.stream]: failure(404, 'JOB_NOT_FOUND') },
      { from: { job } },
    )
    expect(gone.outcome).toMatchObject({ status: 'failed', error: { code: 'JOB_NOT_FOUND' } })
    const script = [stream(LINES.slice(0, 5), 'break'), failure(404, 'JOB_NOT_FOUND'), stream(LINES)]
    const lost = await run({ ...WHOLE, [wire.ROUTES.stream]: script }, { from: { job } })
    expect(lost).toMatchObject({ outcome: { status: 'complete' }, rows: RUN_ROWS })
  })

  it('keeps what was not found when an empty answer replaces an earlier one', async () => {
    const shape = { domains: { seeds: [], history: [], materials: [] }, unmatched: ['LOT-A'], epoch: 'e2' }
    const { updates } = await run(
      { ...WHOLE, [wire.ROUTES.stream]: stream(wire.runLines(shape)) },
      { from: {}, held: ROWS },
    )
    const types = updates.map(({ type }) => type)
    expect(types.indexOf('unmatched')).toBeGreaterThan(types.indexOf('rows-dropped'))
  })

  it('waits while the server is busy, as a stage does', async () => {
    const busy = failure(503, 'QUEUE_FULL', { 'retry-after': '2' })
    const { outcome, updates } = await run({ ...WHOLE, [wire.ROUTES.run]: [busy, ACCEPTED] })
    expect(outcome.status).toBe('complete')
    expect(updates).toContainEqual(expect.objectContaining({ type: 'waiting', reason: 'busy' }))
  })

  it('asks for a fresh job when what is stored is damaged', async () => {
    const error = { type: 'error', code: 'CHUNK_MISSING', message: 'gone', retryable: false }
    const first = await run({ ...WHOLE, [wire.ROUTES.stream]: stream([...LINES.slice(0, 3), error]) })
    const second = await run(WHOLE, { from: first.outcome.checkpoint, held: first.rows })
    expect(second).toMatchObject({ outcome: { status: 'complete' }, rows: RUN_ROWS })
    expect(second.transport.seen[0]!.headers['Cache-Control']).toBe('no-cache')
  })

  it('cannot be aborted too late: the abort ends it at once', async () => {
    const controller = new AbortController()
    const { environment, ended } = startScript(
      { ...WHOLE, [wire.ROUTES.stream]: stream(LINES.slice(0, 4), 'hang') },
      {
        environment: createVirtualEnvironment({ baseUrl: `http://trace-${++servers}.test` }),
        pipeline: 'auto',
        signal: controller.signal,
      },
    )
    await environment.settle()
    controller.abort()
    const { outcome } = await environment.until(ended)
    expect(outcome).toMatchObject({ status: 'aborted', checkpoint: { job: { isRun: true } } })
    expect(environment.leftovers).toBe(0)
  })
})

describe('a server without such jobs', () => {
  const STAGES = { [wire.ROUTES.events]: json(wire.eventsBody(SHAPE)) }

  it.each([
    ['404', failure(404, 'NOT_FOUND')],
    ['405', failure(405, 'METHOD_NOT_ALLOWED')],
    ["a framework's page of 404", html(404)],
  ])('that answers %s is asked by stages, and not asked for a job again', async (_, answer) => {
    const environment = createVirtualEnvironment({ baseUrl: `http://trace-${++servers}.test` })
    const script = { ...STAGES, [wire.ROUTES.run]: answer }
    const first = await run(script, { environment })
    expect(first).toMatchObject({ outcome: { status: 'complete' }, rows: ROWS })
    expect(first.transport.of(wire.ROUTES.run)).toHaveLength(1)
    const second = await run(script, { environment })
    expect(second.outcome.status).toBe('complete')
    expect(second.transport.of(wire.ROUTES.run)).toHaveLength(0)
    const elsewhere = await run(script)
    expect(elsewhere.transport.of(wire.ROUTES.run)).toHaveLength(1)
  })

  it.each(['QUEUE_UNAVAILABLE', 'STORE_UNAVAILABLE'])(
    'for the moment (503 %s) is asked by stages this once, without a wait',
    async (code) => {
      const environment = createVirtualEnvironment({ baseUrl: `http://trace-${++servers}.test` })
      const away = failure(503, code, { 'retry-after': '10' })
      const first = await run({ ...STAGES, [wire.ROUTES.run]: away }, { environment })
      expect(first).toMatchObject({ outcome: { status: 'complete' }, rows: ROWS })
      expect(first.transport.seen.at(-1)!.atMs).toBe(first.transport.seen[0]!.atMs)
      const second = await run(WHOLE, { environment })
      expect(second).toMatchObject({ outcome: { status: 'complete' }, rows: RUN_ROWS })
    },
  )

  it('is a failure where the job is insisted on', async () => {
    const { outcome } = await run(
      { ...STAGES, [wire.ROUTES.run]: failure(404, 'NOT_FOUND') },
      { pipeline: 'job' },
    )
    expect(outcome).toMatchObject({ status: 'failed', stage: 'seed-resolve', error: { code: 'NOT_FOUND' } })
  })

  it('is not asked for one where the stages are wanted, or the whole lineage', async () => {
    const stages = await run(STAGES, { pipeline: 'stages' })
    const full = await run(STAGES, { question: { ...QUESTION, lineage: 'full' } })
    for (const { outcome, transport } of [stages, full]) {
      expect(outcome.status).toBe('complete')
      expect(transport.of(wire.ROUTES.run)).toHaveLength(0)
    }
  })

  it('goes on by stages with what has begun by stages', async () => {
    const script = { ...STAGES, [wire.ROUTES.lineage]: failure(500, 'LINEAGE_FAILED') }
    const first = await run({ ...script, [wire.ROUTES.run]: failure(503, 'QUEUE_UNAVAILABLE') })
    expect(first.outcome).toMatchObject({ status: 'failed', stage: 'lineage' })
    const second = await run(STAGES, { from: first.outcome.checkpoint })
    expect(second).toMatchObject({ outcome: { status: 'complete' }, rows: ROWS })
    expect(lines(second.transport)).toEqual([wire.ROUTES.lineage, wire.ROUTES.events])
  })
})

describe('a stage that is answered with a job', () => {
  const job = (id: string) => ({ stage: 'x', async: true, job_id: id, status_url: `/api/trace/job/${id}` })
  const status = (id: string, state: string, more: object = {}) =>
    json({ ...wire.status(state), job_id: id, ...more })

  it.each(['minimal', 'full'] as const)('is polled, and its result is the answer (%s)', async (lineage) => {
    const { outcome, rows, transport, updates } = await run(
      {
        [wire.ROUTES.seeds]: json(job('s1'), { status: 202 }),
        'GET /api/trace/job/s1': [
          status('s1', 'started', { progress_detail: { phase: 'seeds', seeds_done: 5 } }),
          status('s1', 'finished'),
        ],
        'GET /api/trace/job/s1/result': json(wire.seeds('A')),
        [wire.ROUTES.lineage]: json({ ...job('l1'), result_url: '/api/trace/lin/l1' }, { status: 202 }),
        'GET /api/trace/job/l1': status('l1', 'finished'),
        'GET /api/trace/lin/l1': json(wire.forwardLineage({ A: ['B', 'C'] })),
        [wire.ROUTES.events]: json(wire.eventsBody(SHAPE)),
      },
      { question: { ...QUESTION, lineage }, pipeline: 'stages' },
    )
    expect(outcome.status).toBe('complete')
    expect(rows).toEqual(ROWS)
    expect(transport.of(wire.ROUTES.events)[0]!.body).toMatchObject({ container_ids: ['A', 'B', 'C'] })
    expect(updates).toContainEqual(expect.objectContaining({ type: 'progress' }))
    expect(outcome.checkpoint.job).toBeUndefined()
  })

  it("fails in its stage with the job's error", async () => {
    const { outcome } = await run(
      {
        [wire.ROUTES.seeds]: json(job('s1'), { status: 202 }),
        'GET /api/trace/job/s1': status('s1', 'failed', { error: 'ORA-01013', error_code: 'JOB_TIMEOUT' }),
      },
      { pipeline: 'stages' },
    )
    expect(outcome).toMatchObject({
      status: 'failed',
      stage: 'seed-resolve',
      error: { code: 'JOB_TIMEOUT', message: 'ORA-01013' },
    })
  })
})
