import { describe, expect, it } from 'vitest'
import { json, jsonInParts, stream } from '../fixtures/replies.js'
import { ROWS, runScript, SHAPE, startScript } from '../fixtures/runScript.js'
import * as wire from '../fixtures/wire.js'

const ANSWER = JSON.stringify(wire.eventsBody(SHAPE))

/** More than one batch, and more bytes than a job's body may have. */
const MANY = Array.from({ length: 12_001 }, (_, i) => ({ CONTAINERID: `C${i}`, QTY: i, STATION: '焊接_DB' }))
const LONG_SHAPE = { domains: { history: [MANY], materials: [wire.rows('m', 1)] } }
const LONG_ANSWER = JSON.stringify(wire.eventsBody(LONG_SHAPE))

function half(text: string): [string, string] {
  return [text.slice(0, text.length / 2), text.slice(text.length / 2)]
}

describe('runTrace: a whole answer as one JSON body', () => {
  it('gives rows before the body has ended', async () => {
    const controller = new AbortController()
    const { signal } = controller
    const reply = jsonInParts([half(LONG_ANSWER)[0]], 'hang')
    const { environment, ended } = startScript({ [wire.ROUTES.events]: reply }, { signal })
    await environment.advance(1_000)
    controller.abort()
    const { rows, outcome } = await ended
    expect(rows).toEqual({ history: MANY.slice(0, 5_000) })
    expect(outcome.status).toBe('aborted')
  })

  it('gives rows in batches, as a stream would', async () => {
    const { outcome, rows, updates } = await runScript({ [wire.ROUTES.events]: jsonInParts([LONG_ANSWER]) })
    expect(outcome.status).toBe('complete')
    expect(rows).toEqual({ history: MANY, materials: wire.rows('m', 1) })
    const lengths = updates.flatMap((update) => (update.type === 'rows' ? [update.batch.length] : []))
    expect(lengths).toEqual([5_000, 5_000, 2_001, 1])
  })

  it('reads a short one wherever its bytes are cut', async () => {
    for (const size of [1, 7, 100]) {
      const parts = ANSWER.match(new RegExp(`.{1,${size}}`, 'gsu'))!
      const { outcome, rows } = await runScript({ [wire.ROUTES.events]: jsonInParts(parts) })
      expect(outcome.status).toBe('complete')
      expect(rows).toEqual(ROWS)
    }
  })

  it('takes a job for one however its body comes', async () => {
    const { outcome, rows } = await runScript({
      [wire.ROUTES.events]: jsonInParts(half(JSON.stringify(wire.FOLLOW_202))),
      [wire.ROUTES.stream]: stream(wire.logLines({ ...SHAPE, epoch: 'e1' })),
    })
    expect(outcome.status).toBe('complete')
    expect(rows).toEqual(ROWS)
  })

  it.each([
    ['breaks off', jsonInParts([half(LONG_ANSWER)[0]], 'break')],
    ['ends too early', jsonInParts([half(LONG_ANSWER)[0]])],
    ['falls silent', jsonInParts([half(LONG_ANSWER)[0]], 'hang')],
  ])('asks again when the body %s, and keeps its rows once', async (_, broken) => {
    const { outcome, rows, transport } = await runScript({
      [wire.ROUTES.events]: [broken, jsonInParts([LONG_ANSWER])],
    })
    expect(outcome.status).toBe('complete')
    expect(rows).toEqual({ history: MANY, materials: wire.rows('m', 1) })
    expect(transport.of(wire.ROUTES.events)).toHaveLength(2)
  })

  it('is never complete without the last byte', async () => {
    const { outcome } = await runScript({ [wire.ROUTES.events]: jsonInParts([LONG_ANSWER.slice(0, -1)]) })
    expect(outcome).toMatchObject({ status: 'failed', error: { code: 'STREAM_TRUNCATED' } })
  })

  it.each([
    ['COUNT_MISMATCH', 'counts other rows', { history: { data: [{}], count: 2 } }],
    ['COUNT_MISMATCH', 'is one page of more', { history: { data: [{}], count: 1, total: 2 } }],
    ['DOMAIN_MISSING', 'lacks a domain', {}],
    ['UNEXPECTED_RESPONSE', 'has rows that are none', { history: { data: [1], count: 1 } }],
    ['UNEXPECTED_RESPONSE', 'has no rows', { history: { count: 1 } }],
  ])('says %s when it %s', async (code, _, results) => {
    const answer = { stage: 'events', results: { materials: { data: [] }, ...results }, aggregation: null }
    const { outcome } = await runScript({ [wire.ROUTES.events]: json(answer) })
    expect(outcome).toMatchObject({ status: 'failed', error: { code } })
  })

  it('refuses a domain that comes twice', async () => {
    const twice = '{"results":{"history":{"data":[{}]},"history":{"data":[{}]},"materials":{"data":[]}}}'
    const { outcome } = await runScript({ [wire.ROUTES.events]: jsonInParts([twice]) })
    expect(outcome).toMatchObject({
      error: { code: 'UNEXPECTED_RESPONSE', message: expect.stringContaining('"history" twice') as string },
    })
  })

  it.each([
    ['short', '<html>'],
    ['long', `<html>${'<p>Sign in</p>'.repeat(2_000)}</html>`],
  ])("says that a proxy's %s page is no answer", async (_, page) => {
    const { outcome } = await runScript({ [wire.ROUTES.events]: jsonInParts([page]) })
    expect(outcome).toMatchObject({ status: 'failed', error: { code: 'UNEXPECTED_RESPONSE' } })
  })
})
