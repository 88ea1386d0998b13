import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { exampleValues } from './adapters/synthetic/exampleValues.js'
import { parseLines, readLines, type Line } from './testing/readLines.js'
import { startTestServer, type TestServer } from './testing/startTestServer.js'

/**
 * The original service's recordings, asked of our server in its vocabulary. Ids and rows are another factory's,
 * so rows are not compared: statuses, codes, messages, names and types of fields, kinds and order of lines are.
 */

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const FOLDER = resolve(import.meta.dirname, '../../shared/contract/transcripts')
const isThere = existsSync(FOLDER)

interface Transcript {
  request: { method: string; path: string; content_type: string | null; body: unknown }
  response: { status: number; headers: [string, string][]; body: unknown; line_types?: string[] }
}

function transcript(name: string): Transcript {
  return JSON.parse(readFileSync(join(FOLDER, `${name}.json`), 'utf8')) as Transcript
}

/** Every field that was recorded is there, with a value of the same type; `null` may be anything. */
function expectShape(actual: unknown, recorded: unknown, path = '$') {
  if (recorded === null || actual === null) return
  expect(Array.isArray(actual), path).toBe(Array.isArray(recorded))
  expect(typeof actual, path).toBe(typeof recorded)
  if (Array.isArray(recorded)) {
    const [first] = actual as unknown[]
    if (recorded.length > 0 && first !== undefined) expectShape(first, recorded[0], `${path}[0]`)
  } else if (typeof recorded === 'object') {
    for (const [key, value] of Object.entries(recorded)) {
      expect(Object.keys(actual as object), path).toContain(key)
      expectShape((actual as Record<string, unknown>)[key], value, `${path}.${key}`)
    }
  }
}

/** The envelope save for what differs every time. */
function withoutMeta(body: unknown): unknown {
  const { meta: _, ...rest } = body as Record<string, unknown>
  return rest
}

describe.skipIf(!isThere)('the original’s recordings', () => {
  let server: TestServer
  beforeAll(async () => {
    // The recordings were made with a low threshold, and their lists cut short since.
    server = await startTestServer({ TRACE_STATUS_NAMES: 'rq', TRACE_ASYNC_CID_THRESHOLD: '4' })
  })
  afterAll(() => server.close())

  function ask({ request }: Transcript, path = request.path, to = server) {
    const { method, content_type, body } = request
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    return fetch(to.url + path, {
      method,
      headers: content_type === null ? {} : { 'Content-Type': content_type },
      body: method === 'GET' ? undefined : text,
    })
  }

  it.each([
    '07-seed-400-profile',
    '08-seed-400-params',
    '09-seed-400-resolve_type',
    '10-seed-400-values',
    '11-seed-400-notjson',
    '12-seed-400-array',
    '14-seed-400-dates',
    '15-seed-400-failed',
    '16-seed-503',
    '17-seed-500-uncaught',
    '24-lineage-400',
    '25-lineage-504',
    '26-lineage-500',
    '36-events-400-domain',
    '37-events-400-nodomains',
    '38-events-400-nocids',
    '39-events-400-msd-noparams',
    '76-job-404',
    '77-result-404',
    '78-stream-404',
    '79-api-404',
  ])('%s: the same status, code and message', async (name) => {
    const recorded = transcript(name)
    const response = await ask(recorded)
    const body = await response.json()
    expect({ status: response.status, body: withoutMeta(body) }).toEqual({
      status: recorded.response.status,
      body: withoutMeta(recorded.response.body),
    })
    expectShape(body, recorded.response.body)
  })

  it.each(['39b-events-503-msd-agg', '39c-events-400-msd-agg'])(
    '%s: the same status, code and message',
    async (name) => {
      const { request, response: recorded } = transcript(name)
      // Ours asks what was measured of the seeds only when there are any.
      const body = { ...(request.body as object), seed_container_ids: ['CID-000001'] }
      const response = await server.post('events', body)
      expect(response.status).toBe(recorded.status)
      expect(withoutMeta(await response.json())).toEqual(withoutMeta(recorded.body))
    },
  )

  it.each([
    '01-seed-query_tool',
    '03-seed-reverse',
    '04-seed-msd-date_range',
    '05-seed-msd-container-notfound',
    '06-seed-empty',
    '35-events-sync-empty-domain',
  ])('%s: the same shape', async (name) => {
    const recorded = transcript(name)
    const response = await ask(recorded)
    expect(response.status).toBe(recorded.response.status)
    expectShape(await response.json(), recorded.response.body)
  })

  it.each([
    ['20-lineage-backward', 'gd_lot_id'],
    ['21-lineage-forward', 'lot_id'],
    ['22-lineage-msd-backward', 'lot_id'],
    ['23-lineage-msd-forward', 'lot_id'],
  ] as const)('%s: the same sections, of the same things', async (name, resolveType) => {
    const recorded = transcript(name)
    const { profile } = recorded.request.body as { profile: string }
    const params = { mode: 'container', resolve_type: resolveType, values: exampleValues(resolveType, 2) }
    const { seeds } = (await (await server.post('seed-resolve', { profile, params })).json()) as {
      seeds: { container_id: string }[]
    }
    const container_ids = seeds.map((seed) => seed.container_id)
    const answer = await server.post('lineage', { ...(recorded.request.body as object), container_ids })
    expect(answer.status).toBe(200)
    const ours = sectionsOf(await answer.json())
    for (const [section, kind] of Object.entries(sectionsOf(recorded.response.body))) {
      // An empty section may be left out.
      if (section in ours || !OPTIONAL.includes(section)) expect(ours[section], section).toEqual(kind)
    }
  })

  it.each(['30-events-sync-two-domains', '32-events-sync-msd-aggregation'])(
    '%s: the same shape',
    async (name) => {
      const recorded = transcript(name)
      const response = await ask(recorded)
      expect(response.status).toBe(200)
      const body = (await response.json()) as Record<string, unknown>
      const { aggregation: _, ...rest } = recorded.response.body as Record<string, unknown>
      expectShape(body, rest)
      expect(typeof body.aggregation).toBe('object')
    },
  )

  it.each([
    ['40-events-async-202', '42-job-status-finished', null],
    ['50-async-partial-202', '51-async-partial-status', '52-async-partial-stream'],
    ['54-async-empty-202', null, '55-async-empty-stream'],
    ['60-async-msd-202', null, '61-async-msd-stream'],
  ])('%s: the same 202, status and lines', async (name, statusName, streamName) => {
    const accepted = transcript(name)
    const asked = accepted.request.body as { container_ids: string[] }
    // One of the ids that were cut from the list is the one that makes a second domain fail.
    if (name.startsWith('50')) asked.container_ids.push('CID-FAIL-materials')
    const response = await ask(accepted)
    expect(response.status).toBe(202)
    const job = (await response.json()) as Record<string, string>
    expectShape(job, accepted.response.body)
    const status = await server.ended(job.status_url!)
    if (statusName) {
      const recorded = transcript(statusName).response.body as Record<string, unknown>
      expectShape(status, recorded)
      expect(status).toMatchObject({
        status: recorded.status,
        progress: recorded.progress,
        error: recorded.error,
      })
    }
    if (streamName) {
      const lines = await readLines(await server.get(job.stream_url!))
      expect(kindsOf(lines)).toEqual(
        kindsOf(parseLines(readFileSync(join(FOLDER, `${streamName}.ndjson`), 'utf8'))),
      )
    }
  })

  it('63, 64, 65, 66: a defect job without params is accepted, and fails', async () => {
    const job = (await (await ask(transcript('63-async-failing-202'))).json()) as Record<string, string>
    const recorded = transcript('64-job-status-failed').response.body as Record<string, unknown>
    const status = await server.ended(job.status_url!)
    expectShape(status, recorded)
    expect(status).toMatchObject({ status: 'failed', error: recorded.error })
    for (const [name, url] of [
      ['65-job-result-409-failed', job.result_url],
      ['66-job-stream-409-failed', job.stream_url],
    ]) {
      const response = await server.get(url!)
      expect(response.status).toBe(409)
      expect(await response.json()).toEqual(transcript(name!).response.body)
    }
  })

  it('67, 68, 69: a queued job has a status, and neither result nor stream', async () => {
    const slow = await startTestServer({
      ...{ TRACE_STATUS_NAMES: 'rq', TRACE_WORKER_COUNT: '1', TRACE_SMALL_QUESTION_LIMIT: '0' },
    })
    const body = { profile: 'query_tool', container_ids: ['CID-HANG'], domains: ['history', 'materials'] }
    await slow.post('events-async', body)
    const job = (await (await slow.post('events-async', body)).json()) as Record<string, string>
    const status = (await (await slow.get(job.status_url!)).json()) as Record<string, unknown>
    const recorded = transcript('67-job-status-queued').response.body as Record<string, unknown>
    expectShape(status, recorded)
    expect(status).toMatchObject({ status: 'queued', progress: '', error: null })
    for (const [name, url] of [
      ['68-job-result-409-queued', job.result_url],
      ['69-job-stream-409-queued', job.stream_url],
    ]) {
      const response = await slow.get(url!)
      expect(response.status).toBe(409)
      expect(await response.json()).toEqual(transcript(name!).response.body)
    }
    await slow.close()
  })

  it.each([
    '44-job-result-full',
    '45-job-result-page',
    '46-job-result-page-beyond',
    '47-job-result-unknown-domain',
  ])('%s: the same shape', async (name) => {
    const domains = ['history', 'materials', 'holds']
    const { seeds } = (await (
      await server.post('seed-resolve', {
        profile: 'query_tool',
        params: { resolve_type: 'lot_id', values: exampleValues('lot_id', 8) },
      })
    ).json()) as { seeds: { container_id: string }[] }
    const container_ids = seeds.map((seed) => seed.container_id)
    const body = { profile: 'query_tool', container_ids, domains }
    const job = (await (await server.post('events', body)).json()) as Record<string, string>
    await server.ended(job.status_url!)
    const recorded = transcript(name)
    const query = recorded.request.path.replace(/^[^?]*/, '')
    const page = await (await server.get(job.result_url + query)).json()
    expectShape(page, recorded.response.body)
  })

  it('43: a stream has the headers the original’s has', async () => {
    const body = { profile: 'query_tool', container_ids: ['x'], domains: ['history'] }
    const job = (await (await server.post('events-async', body)).json()) as Record<string, string>
    await server.ended(job.status_url!)
    const { headers } = await server.get(job.stream_url!)
    for (const [name, value] of transcript('43-job-stream').response.headers) {
      expect(headers.get(name)?.split(', '), name).toContain(value)
    }
  })

  it('73: an expired result', async () => {
    const brief = await startTestServer({ TRACE_STATUS_NAMES: 'rq', TRACE_JOB_TTL_SECONDS: '1' })
    const body = { profile: 'query_tool', container_ids: ['x'], domains: ['history'] }
    const job = (await (await brief.post('events-async', body)).json()) as Record<string, string>
    await brief.ended(job.status_url!)
    await vi.waitFor(async () => expect((await brief.get(job.result_url!)).status).toBe(404), 10_000)
    const recorded = transcript('73-result-404-expired').response.body
    expect(withoutMeta(await (await brief.get(job.result_url!)).json())).toEqual(withoutMeta(recorded))
    await brief.close()
  })

  it('82: more CIDs than may be answered at once', async () => {
    const small = await startTestServer({ TRACE_ASYNC_ENABLED: 'false', TRACE_EVENTS_CID_LIMIT: '10' })
    const recorded = transcript('82-noredis-413')
    const container_ids = Array.from({ length: 11 }, (_, i) => `CID-${i}`)
    const response = await small.post('events', { ...(recorded.request.body as object), container_ids })
    expect(response.status).toBe(413)
    expect(withoutMeta(await response.json())).toEqual(withoutMeta(recorded.response.body))
    await small.close()
  })

  it.each(['94-429-seed', '95-429-lineage', '96-429-events', '97-429-job', '98-429-stream'])(
    '%s: the same refusal',
    async (name) => {
      const limits = ['SEED', 'LINEAGE', 'EVENTS', 'JOB'].map((kind) => [
        `TRACE_${kind}_RATE_LIMIT_MAX_REQUESTS`,
        '1',
      ])
      const strict = await startTestServer(Object.fromEntries(limits) as Record<string, string>)
      const recorded = transcript(name)
      await ask(recorded, recorded.request.path, strict)
      const response = await ask(recorded, recorded.request.path, strict)
      expect(response.status).toBe(429)
      const body = await response.json()
      expect(withoutMeta(body)).toEqual(withoutMeta(recorded.response.body))
      expectShape(body, recorded.response.body)
      expect(response.headers.get('retry-after')).toMatch(/^\d+$/)
      await strict.close()
    },
  )
})

const OPTIONAL = ['names', 'parent_map', 'merge_edges', 'nodes', 'edges', 'seed_roots', 'leaf_serials']

/** What kind of thing each section of a lineage answer holds. */
function sectionsOf(body: unknown): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(body as object).map(([name, value]) => {
      const [first] = Object.values(value as object)
      const item =
        Array.isArray(first) || typeof first !== 'object' ? typeof first : Object.keys(first ?? {}).sort()
      return [name, typeof value === 'object' ? { isList: Array.isArray(value), item } : typeof value]
    }),
  )
}

/** Lines by type and names of fields, as an old page reads them; rows and our additions left out. */
function kindsOf(lines: readonly Line[]): string[] {
  return lines
    .filter((line) => !['records', 'domain_failed', 'progress'].includes(line.type))
    .map(({ type, domain }) => (domain === undefined ? type : `${type} ${domain as string}`))
}

if (!isThere) console.warn(`Skipped: the original’s recordings are not at ${FOLDER}.`)
