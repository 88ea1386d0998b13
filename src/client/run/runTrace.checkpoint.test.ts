import { describe, expect, it } from 'vitest'
import { failure, json, stream } from '../fixtures/replies.js'
import { ROWS, runScript, SHAPE, startScript } from '../fixtures/runScript.js'
import * as wire from '../fixtures/wire.js'

const FOLLOW = json(wire.FOLLOW_202, { status: 202 })
const NUMBERED = wire.logLines({ ...SHAPE, epoch: 'e1' })

describe('runTrace: going on from a checkpoint', () => {
  it('does not ask stages again that have a result', async () => {
    const first = await runScript({ [wire.ROUTES.events]: failure(503, 'QUEUE_FULL') })
    const second = await runScript(
      { [wire.ROUTES.events]: json(wire.eventsBody(SHAPE)) },
      { from: first.outcome.checkpoint },
    )
    expect(second.outcome.status).toBe('complete')
    expect(second.transport.seen.map(({ line }) => line)).toEqual([wire.ROUTES.events])
  })

  it('reads a job on from the line after the last one held', async () => {
    const controller = new AbortController()
    const { environment, ended } = startScript(
      { [wire.ROUTES.events]: FOLLOW, [wire.ROUTES.stream]: stream(NUMBERED.slice(0, 3), 'hang') },
      { signal: controller.signal },
    )
    await environment.advance(100)
    controller.abort()
    const first = await ended
    const second = await runScript(
      { [wire.ROUTES.stream]: stream(NUMBERED.slice(3)) },
      { from: first.outcome.checkpoint, held: first.rows },
    )
    expect(second.outcome.status).toBe('complete')
    expect(second.rows).toEqual(ROWS)
    expect(second.transport.seen.map(({ line }) => line)).toEqual([
      `${wire.ROUTES.stream}?follow=1&after=3&epoch=e1`,
    ])
  })

  it('gives up after a row of failures, and a new run goes on where it stopped', async () => {
    const broken = [stream(NUMBERED.slice(0, 3)), failure(502, 'INTERNAL_ERROR')]
    const first = await runScript({ [wire.ROUTES.events]: FOLLOW, [wire.ROUTES.stream]: broken })
    expect(first.outcome).toMatchObject({ status: 'failed', error: { code: 'RETRIES_EXHAUSTED' } })
    const second = await runScript(
      { [wire.ROUTES.stream]: stream(NUMBERED.slice(3)) },
      { from: first.outcome.checkpoint, held: first.rows },
    )
    expect(second).toMatchObject({ outcome: { status: 'complete' }, rows: ROWS })
  })

  it('asks the server to go on with a failed job, and reads on', async () => {
    const error = { type: 'error', code: 'JOB_TIMEOUT', message: 'too long', retryable: false }
    const first = await runScript({
      [wire.ROUTES.events]: FOLLOW,
      [wire.ROUTES.stream]: stream([...NUMBERED.slice(0, 3), error]),
    })
    expect(first.outcome).toMatchObject({ status: 'failed', error: { code: 'JOB_TIMEOUT' } })
    const second = await runScript(
      {
        [wire.ROUTES.retry]: json(wire.status('queued'), { status: 202 }),
        [wire.ROUTES.stream]: stream(NUMBERED.slice(3)),
      },
      { from: first.outcome.checkpoint, held: first.rows },
    )
    expect(second).toMatchObject({ outcome: { status: 'complete' }, rows: ROWS })
    expect(second.transport.seen.map(({ line }) => line)).toEqual([
      wire.ROUTES.retry,
      `${wire.ROUTES.stream}?follow=1&after=3&epoch=e1`,
    ])
  })

  it('asks the question anew where the server cannot go on with a job', async () => {
    const error = { type: 'error', code: 'JOB_TIMEOUT', message: 'too long', retryable: false }
    const first = await runScript({
      [wire.ROUTES.events]: FOLLOW,
      [wire.ROUTES.stream]: stream([...NUMBERED.slice(0, 3), error]),
    })
    const second = await runScript(
      {
        [wire.ROUTES.retry]: failure(404, 'NOT_FOUND'),
        [wire.ROUTES.events]: FOLLOW,
        [wire.ROUTES.stream]: stream(NUMBERED),
      },
      { from: first.outcome.checkpoint, held: first.rows },
    )
    expect(second).toMatchObject({ outcome: { status: 'complete' }, rows: ROWS })
  })

  it('has the server run only the failed domains again, and keeps the others', async () => {
    const lines = [
      ...NUMBERED.slice(0, 5),
      { type: 'domain_failed', seq: 6, domain: 'materials', code: 'JOB_TIMEOUT', from_seq: 6 },
      { type: 'warning', code: 'EVENTS_PARTIAL_FAILURE', failed_domains: ['materials'] },
      { type: 'complete', total_records: 5, domains: { history: 5 } },
    ]
    const first = await runScript({ [wire.ROUTES.events]: FOLLOW, [wire.ROUTES.stream]: stream(lines) })
    expect(first.outcome).toMatchObject({ status: 'partial', failedDomains: ['materials'] })
    const again = NUMBERED.slice(5).map((line) =>
      'seq' in line ? { ...line, seq: (line.seq as number) + 1 } : line,
    )
    const second = await runScript(
      { [wire.ROUTES.retry]: json({}, { status: 202 }), [wire.ROUTES.stream]: stream(again) },
      { from: first.outcome.checkpoint, held: first.rows },
    )
    expect(second).toMatchObject({ outcome: { status: 'complete' }, rows: ROWS })
    expect(second.transport.seen.at(-1)!.line).toContain('after=6&')
  })

  it('asks for all domains of a defect trace again, since its figures are of all', async () => {
    const question = { profile: 'mid_section_defect', params: {}, domains: ['history', 'materials'] }
    const partial = {
      domains: { history: SHAPE.domains.history },
      failed: ['materials'],
      aggregation: { n: 1 },
    }
    const first = await runScript({ [wire.ROUTES.events]: json(wire.eventsBody(partial)) }, { question })
    const second = await runScript(
      { [wire.ROUTES.events]: json(wire.eventsBody({ ...SHAPE, aggregation: { n: 2 } })) },
      { question, from: first.outcome.checkpoint, held: first.rows },
    )
    expect(second).toMatchObject({ outcome: { status: 'complete' }, rows: ROWS, aggregation: { n: 2 } })
    expect(second.transport.seen[0]!.body).toMatchObject({ domains: ['history', 'materials'] })
  })

  it('asks for a fresh answer when the stored one is damaged', async () => {
    const error = { type: 'error', code: 'CHUNK_MISSING', message: 'gone', retryable: false }
    const first = await runScript({
      [wire.ROUTES.events]: FOLLOW,
      [wire.ROUTES.stream]: stream([...NUMBERED.slice(0, 3), error]),
    })
    const second = await runScript(
      { [wire.ROUTES.events]: json(wire.eventsBody(SHAPE)) },
      { from: first.outcome.checkpoint, held: first.rows },
    )
    expect(second).toMatchObject({ outcome: { status: 'complete' }, rows: ROWS })
    expect(second.transport.seen[0]!.headers['Cache-Control']).toBe('no-cache')
  })

  it('asks again for a synchronous stream that broke, and drops the old rows at the first new one', async () => {
    const lines = wire.logLines(SHAPE)
    const { outcome, rows, updates, transport } = await runScript({
      [wire.ROUTES.events]: [stream(lines.slice(0, 4), 'break'), stream(lines)],
    })
    expect(outcome.status).toBe('complete')
    expect(rows).toEqual(ROWS)
    expect(transport.of(wire.ROUTES.events)).toHaveLength(2)
    const types = updates.map(({ type }) => type)
    expect(types.slice(types.indexOf('waiting'), types.indexOf('waiting') + 4)).toEqual([
      'waiting',
      'rows-dropped',
      'domain-started',
      'rows',
    ])
  })

  it('says what is wrong with a synchronous stream that stays broken', async () => {
    const { outcome, transport } = await runScript({
      [wire.ROUTES.events]: stream(wire.logLines(SHAPE).toSpliced(2, 1)),
    })
    expect(outcome).toMatchObject({ status: 'failed', error: { code: 'SEQUENCE_GAP' } })
    expect(transport.of(wire.ROUTES.events)).toHaveLength(3)
  })
})
