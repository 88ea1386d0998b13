import { describe, expect, it } from 'vitest'
import { createSyntheticSource } from '../../adapters/synthetic/createSyntheticSource.js'
import { createTestTrace, type TestTraceOptions } from '../../testing/createTestTrace.js'
import { readLines } from '../../testing/readLines.js'

const PARAMS = { start_date: '2026-02-01', end_date: '2026-02-01' }

/** A defect run, and how to ask for its figures again. */
async function setUp(params: object = PARAMS, options: TestTraceOptions = {}) {
  const trace = createTestTrace({ source: createSyntheticSource(), ...options })
  const accepted = await trace.post('run', { profile: 'mid_section_defect', params })
  const { status_url } = await accepted.json()
  const path = status_url.replace('/api/trace/', '')
  const lines = async () => readLines(await trace.call(`${status_url}/stream?follow=1`))
  const again = (body: object) => trace.post(`${path}/aggregation`, body)
  return { ...trace, path, lines, again }
}

async function figuresOf(params: object) {
  const { lines } = await setUp(params)
  return (await lines()).find(({ type }) => type === 'aggregation')!.data
}

describe('figures for other loss reasons', () => {
  it.each(['backward', 'forward'])('are those of a fresh question, %s', async (direction) => {
    const params = { ...PARAMS, direction }
    const { lines, again } = await setUp(params)
    const first = (await lines()).find(({ type }) => type === 'aggregation')!.data as {
      available_loss_reasons: string[]
    }
    const [one, two] = first.available_loss_reasons
    for (const loss_reasons of [[one], [one, two], null]) {
      const answer = await again({ loss_reasons })
      expect(answer.status).toBe(200)
      const asked = loss_reasons === null ? params : { ...params, loss_reasons }
      expect(await answer.json()).toEqual({ aggregation: await figuresOf(asked) })
    }
  })

  it('are worked out one at a time, and a caller who fails holds up nobody', async () => {
    const { lines, again, log } = await setUp()
    await lines()
    let [open, most] = [0, 0]
    const { list } = log
    let isBroken = true
    log.list = async function* (jobId, name) {
      if (name === 'postings') most = Math.max(most, ++open)
      try {
        if (isBroken) throw new Error('broken')
        yield* list(jobId, name)
      } finally {
        isBroken = false
        if (name === 'postings') open--
      }
    }
    const answers = await Promise.all([again({}), again({}), again({ loss_reasons: ['x'] })])
    expect(answers.map(({ status }) => status)).toEqual([500, 200, 200])
    expect(most).toBe(1)
  })

  it('are expired, not broken, once the question is gone', async () => {
    const { lines, again, store, path } = await setUp()
    await lines()
    await store.delete(`job:${path.split('/')[1]}`)
    const answer = await again({})
    expect(answer.status).toBe(404)
    expect((await answer.json()).error.code).toBe('JOB_RESULT_EXPIRED')
  })

  it('are refused where there are none, not yet there, or asked for wrongly', async () => {
    const { path, lines, again, post } = await setUp()
    expect((await again({})).status).toBe(409)
    await lines()
    expect((await again({ loss_reasons: 'x' })).status).toBe(400)
    expect((await again({ loss_reasons: [1] })).status).toBe(400)
    expect((await again({ loss_reasons: Array(1_001).fill('x') })).status).toBe(400)
    expect((await post(path.replace(/\w{5}$/, '00000') + '/aggregation', {})).status).toBe(404)

    const values = ['GA26020101-A00-001']
    const lots = await post('run', { profile: 'query_tool', params: { resolve_type: 'lot_id', values } })
    const { status_url } = await lots.json()
    expect((await post(`${status_url.replace('/api/trace/', '')}/aggregation`, {})).status).toBe(400)
  })
})
