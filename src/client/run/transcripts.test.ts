import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { json, stream } from '../fixtures/replies.js'
import { runScript } from '../fixtures/runScript.js'
import * as wire from '../fixtures/wire.js'

const FOLDER = resolve(import.meta.dirname, '../../../../shared/contract/transcripts')
const isHere = existsSync(FOLDER)

/** Of the job whose status and stream were recorded. */
const RECORDED_ID = 'trace-evt-ab3ba53bc0e0'

if (!isHere)
  console.warn(`Skipped: the original service's transcripts are not beside the project (${FOLDER})`)

interface Transcript {
  response: { status: number; headers: [string, string][]; body: unknown }
  bodies: unknown[]
}

function read(name: string): Transcript {
  return JSON.parse(readFileSync(resolve(FOLDER, `${name}.json`), 'utf8'))
}

function bytes(name: string): Uint8Array {
  return readFileSync(resolve(FOLDER, `${name}.ndjson`))
}

/** A recorded answer as it came. */
function replay(name: string) {
  const { status, headers, body } = read(name).response
  return json(body, { status, headers: Object.fromEntries(headers) })
}

/** A recorded status, as if it were of this job. */
function statusOf(jobId: string, name: string) {
  return json({ ...(read(name).response.body as object), job_id: jobId })
}

/** A run over these domains. */
function trace(script: Parameters<typeof runScript>[0], domains: string[], profile = 'query_tool') {
  return runScript(script, { question: { profile, params: {}, domains } })
}

/** A job as recorded, whose own id stands in its addresses. */
function job(accepted: string, streamed: string) {
  const { body } = read(accepted).response as {
    body: { job_id: string; status_url: string; stream_url: string }
  }
  return {
    [wire.ROUTES.events]: replay(accepted),
    [`GET ${body.status_url}`]: read('41-job-status-sequence').bodies.map((status) =>
      json({ ...(status as object), job_id: body.job_id }),
    ),
    [`GET ${body.stream_url}`]: stream([bytes(streamed)]),
  }
}

describe.skipIf(!isHere)("the original service's transcripts", () => {
  it('are read through seeds and lineage', async () => {
    const { updates, transport } = await trace(
      {
        [wire.ROUTES.seeds]: replay('01-seed-query_tool'),
        [wire.ROUTES.lineage]: replay('21-lineage-forward'),
        [wire.ROUTES.events]: replay('30-events-sync-two-domains'),
      },
      ['history', 'materials'],
    )
    expect(updates.find(({ type }) => type === 'seeds')).toMatchObject({ seeds: { seeds: { length: 2 } } })
    expect(transport.seen.at(-1)!.body).toMatchObject({
      container_ids: ['CID-000001', 'CID-000002', 'CID-000002-01', 'CID-000002-02', 'CID-000002-01-01'],
    })
  })

  it.each(['20-lineage-backward', '22-lineage-msd-backward'])(
    'ask for seeds and ancestors of %s',
    async (name) => {
      const { transport } = await trace(
        { [wire.ROUTES.lineage]: replay(name), [wire.ROUTES.events]: replay('30-events-sync-two-domains') },
        ['history', 'materials'],
      )
      const { ancestors } = read(name).response.body as { ancestors: Record<string, string[]> }
      const ids = (transport.seen.at(-1)!.body as { container_ids: string[] }).container_ids
      expect(new Set(ids)).toEqual(new Set(['A', ...Object.values(ancestors).flat()]))
    },
  )

  it('end without rows when no seed matches', async () => {
    const { outcome } = await trace({ [wire.ROUTES.seeds]: replay('06-seed-empty') }, ['history'])
    expect(outcome.status).toBe('complete')
  })

  it.each(['30-events-sync-two-domains', '30b-events-sync-cached'])('give the rows of %s', async (name) => {
    const { outcome, rows } = await trace({ [wire.ROUTES.events]: replay(name) }, ['history', 'materials'])
    const { results } = read(name).response.body as { results: Record<string, { data: unknown[] }> }
    expect(outcome.status).toBe('complete')
    expect(rows).toEqual({ history: results.history!.data, materials: results.materials!.data })
  })

  it('give the figures of a synchronous defect trace', async () => {
    const { outcome, aggregation } = await trace(
      { [wire.ROUTES.events]: replay('32-events-sync-msd-aggregation') },
      ['upstream_history', 'materials'],
      'mid_section_defect',
    )
    expect(outcome.status).toBe('complete')
    expect(aggregation).toMatchObject({ genealogy_status: 'ready' })
  })

  it('give an empty domain as an empty domain', async () => {
    const { response } = read('35-events-sync-empty-domain')
    const domains = Object.keys((response.body as { results: object }).results)
    const { outcome, rows } = await trace(
      { [wire.ROUTES.events]: replay('35-events-sync-empty-domain') },
      domains,
    )
    expect(outcome.status).toBe('complete')
    expect(Object.values(rows)).toContainEqual([])
  })

  it.each([
    ['40-events-async-202', '43-job-stream', ['history', 'materials', 'holds'], 'query_tool'],
    ['54-async-empty-202', '55-async-empty-stream', ['holds', 'history'], 'query_tool'],
    ['60-async-msd-202', '61-async-msd-stream', ['upstream_history', 'materials'], 'mid_section_defect'],
  ])('poll %s, then stream %s, to the last row', async (accepted, streamed, domains, profile) => {
    const { outcome, rows } = await trace(job(accepted, streamed), domains, profile)
    const lines = new TextDecoder()
      .decode(bytes(streamed))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    const sent = lines.flatMap((line) => (line.type === 'records' ? line.data : []))
    expect(outcome.status).toBe('complete')
    expect(Object.values(rows).flat()).toEqual(sent)
    expect(Object.keys(rows)).toEqual(domains)
  })

  it('are partial where the original had failed domains', async () => {
    const { outcome, rows } = await trace(job('50-async-partial-202', '52-async-partial-stream'), [
      'holds',
      'materials',
      'jobs',
      'history',
    ])
    expect(outcome).toMatchObject({ status: 'partial', failedDomains: ['jobs', 'materials'] })
    expect(Object.values(rows).flat()).toHaveLength(8)
  })

  it('give the rows of a legacy result', async () => {
    const { outcome, rows } = await trace({ ...job('40-events-async-202', '70-legacy-stream') }, [
      'history',
      'holds',
    ])
    expect(outcome.status).toBe('complete')
    expect([rows.history!.length, rows.holds!.length]).toEqual([4, 0])
  })

  it('fail as the job failed', async () => {
    const { body } = read('63-async-failing-202').response as { body: { status_url: string } }
    const { outcome } = await trace(
      {
        [wire.ROUTES.events]: replay('63-async-failing-202'),
        [`GET ${body.status_url}`]: replay('64-job-status-failed'),
      },
      ['materials'],
    )
    expect(outcome).toMatchObject({
      status: 'failed',
      error: { code: 'JOB_FAILED', message: 'params is required for mid_section_defect profile' },
    })
  })

  it.each([
    ['07-seed-400-profile', wire.ROUTES.seeds, 'INVALID_PROFILE'],
    ['16-seed-503', wire.ROUTES.seeds, 'SEED_RESOLVE_FAILED'],
    ['17-seed-500-uncaught', wire.ROUTES.seeds, 'INTERNAL_ERROR'],
    ['94-429-seed', wire.ROUTES.seeds, 'TOO_MANY_REQUESTS'],
    ['25-lineage-504', wire.ROUTES.lineage, 'LINEAGE_TIMEOUT'],
    ['26-lineage-500', wire.ROUTES.lineage, 'LINEAGE_FAILED'],
    ['36-events-400-domain', wire.ROUTES.events, 'INVALID_PARAMS'],
    ['39b-events-503-msd-agg', wire.ROUTES.events, 'EVENTS_AGGREGATION_FAILED'],
    ['82-noredis-413', wire.ROUTES.events, 'CID_LIMIT_EXCEEDED'],
  ])('fail with the code of %s', async (name, route, code) => {
    const { outcome } = await trace({ [route]: replay(name) }, ['history'])
    expect(outcome).toMatchObject({ status: 'failed', error: { code } })
  })

  it.each([
    ['77-result-404', 'JOB_NOT_FOUND'],
    ['73-result-404-expired', 'JOB_RESULT_EXPIRED'],
  ])('fail with the code of %s', async (name, code) => {
    const accepted = { ...wire.ORIGINAL_202, stream_url: null }
    const { outcome } = await trace(
      {
        [wire.ROUTES.events]: json(accepted, { status: 202 }),
        [wire.ROUTES.status]: statusOf(wire.JOB_ID, '42-job-status-finished'),
        [wire.ROUTES.result]: replay(name),
      },
      ['history'],
    )
    expect(outcome).toMatchObject({ status: 'failed', error: { code } })
  })

  it('wait out a 429 on status and stream, and a 409 of a stream asked for too early', async () => {
    const { outcome, rows } = await trace(
      {
        [wire.ROUTES.events]: json({ ...wire.ORIGINAL_202, job_id: RECORDED_ID }, { status: 202 }),
        [wire.ROUTES.status]: [
          statusOf(RECORDED_ID, '67-job-status-queued'),
          replay('97-429-job'),
          replay('42-job-status-finished'),
        ],
        [wire.ROUTES.stream]: [
          replay('98-429-stream'),
          replay('69-job-stream-409-queued'),
          stream([bytes('43-job-stream')]),
        ],
      },
      ['history', 'materials', 'holds'],
    )
    expect(outcome.status).toBe('complete')
    expect(rows.history).toHaveLength(60)
  })

  it('are of no other job than was accepted', async () => {
    const accepted = { [wire.ROUTES.events]: json(wire.ORIGINAL_202, { status: 202 }) }
    const status = { [wire.ROUTES.status]: replay('42-job-status-finished') }
    const polled = await trace({ ...accepted, ...status }, ['history'])
    expect(polled.outcome).toMatchObject({ status: 'failed', error: { code: 'JOB_MISMATCH' } })
    const streamed = await trace(
      {
        ...accepted,
        [wire.ROUTES.status]: statusOf(wire.JOB_ID, '42-job-status-finished'),
        [wire.ROUTES.stream]: stream([bytes('43-job-stream')]),
      },
      ['history', 'materials', 'holds'],
    )
    expect(streamed).toMatchObject({
      outcome: { status: 'failed', error: { code: 'JOB_MISMATCH' } },
      rows: {},
    })
  })

  it('say that an unknown job is gone', async () => {
    const { outcome } = await trace(
      {
        [wire.ROUTES.events]: json(wire.ORIGINAL_202, { status: 202 }),
        [wire.ROUTES.status]: replay('76-job-404'),
      },
      ['history'],
    )
    expect(outcome).toMatchObject({ status: 'failed', error: { code: 'JOB_NOT_FOUND', status: 404 } })
  })

  it('are never complete with any one line of a recorded stream removed or doubled, or cut off', async () => {
    const lines = new TextDecoder().decode(bytes('61-async-msd-stream')).split(/(?<=\n)/)
    const { body } = read('60-async-msd-202').response as {
      body: { job_id: string; status_url: string; stream_url: string }
    }
    for (let i = 0; i < lines.length; i++) {
      const damages = [lines.toSpliced(i, 1), lines.toSpliced(i, 0, lines[i]!), lines.slice(0, i)]
      for (const damaged of damages) {
        const { outcome } = await trace(
          {
            [wire.ROUTES.events]: replay('60-async-msd-202'),
            [`GET ${body.status_url}`]: statusOf(body.job_id, '42-job-status-finished'),
            [`GET ${body.stream_url}`]: stream(damaged),
          },
          ['upstream_history', 'materials'],
          'mid_section_defect',
        )
        expect(outcome.status, `line ${i + 1}`).toBe('failed')
      }
    }
  })
})
