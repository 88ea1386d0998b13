import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import packageJson from '../../package.json' with { type: 'json' }
import { TRACE_ERRORS } from '../../src/errors.js'
import { ROUTES } from '../http/createTraceApi.js'
import { answerProblems, schemaProblems } from '../testing/answerProblems.js'
import { createTestTrace } from '../testing/createTestTrace.js'
import { parseLines } from '../testing/readLines.js'
import { scriptedSource } from '../testing/scriptedSource.js'
import { startTestServer, type TestServer } from '../testing/startTestServer.js'
import { createOpenApi } from './createOpenApi.js'

const written = JSON.parse(readFileSync('docs/openapi.json', 'utf8')) as unknown
const document = createOpenApi({ version: packageJson.version })

describe('docs/openapi.json', () => {
  it('is what `npm run openapi` writes', () => {
    expect(written).toEqual(JSON.parse(JSON.stringify(document)))
  })

  it('knows the routes and methods that are served, and no others', () => {
    const served = Object.entries(ROUTES).map(([path, methods]) => [
      path.replace(':jobId', '{jobId}'),
      Object.keys(methods).map((method) => method.toLowerCase()),
    ])
    const described = Object.entries(document.paths).map(([path, methods]) => [
      path,
      Object.keys(methods).filter((key) => key !== 'parameters'),
    ])
    expect(described).toEqual(served)
  })

  const placed = Object.keys(document.components.responses).flatMap((name) => {
    const [status, ...codes] = name.split('.')
    return codes.map((code) => ({ code, status: Number(status) }))
  })

  it('says of every code a server answers with where it may come, with its status', () => {
    // These are answers to what is no operation.
    const elsewhere = ['NOT_FOUND', 'METHOD_NOT_ALLOWED', 'HOST_NOT_ALLOWED']
    const due = Object.entries(TRACE_ERRORS)
      .filter(([code, { status }]) => status >= 400 && !elsewhere.includes(code))
      .map(([code, { status }]) => ({ code, status }))
    expect(placed).toEqual(expect.arrayContaining(due))
  })

  it.each(placed)('knows $code, of a $status, as a code of errors', ({ code }) => {
    const body = { success: false, error: { code, message: '' }, meta: { timestamp: '' } }
    expect(schemaProblems('Error', body)).toEqual([])
  })
})

describe('real requests and answers', () => {
  const query = { profile: 'query_tool', params: { resolve_type: 'lot_id', values: ['A', 'B'] } }
  const forward = { profile: 'query_tool', container_ids: ['A', 'B'], params: null, cache_key: 'k' }
  const defects = {
    profile: 'mid_section_defect',
    params: { mode: 'date_range', start_date: '2026-02-01', end_date: '2026-02-02', direction: 'backward' },
  }
  const events = { profile: 'query_tool', container_ids: ['A', 'B'], domains: ['history', 'materials'] }
  const LINES = { Accept: 'application/x-ndjson' }

  it.each([
    ['seed-resolve', 'SeedRequest', 'SeedAnswer', query],
    ['seed-resolve', 'SeedRequest', 'SeedAnswer', defects],
    ['lineage', 'LineageRequest', 'LineageAnswer', forward],
    ['lineage', 'LineageRequest', 'LineageAnswer', { ...forward, profile: 'query_tool_reverse' }],
    ['events', 'EventsRequest', 'EventsAnswer', events],
    ['events', 'EventsRequest', 'EventsAnswer', { ...events, ...defects, domains: ['materials'] }],
  ] as const)('of %s are as %s and %s say', async (stage, requestName, answerName, body) => {
    expect(schemaProblems(requestName, body)).toEqual([])
    const response = await createTestTrace().post(stage, body)
    expect(response.status).toBe(200)
    expect(schemaProblems(answerName, await response.json())).toEqual([])
  })

  it('of a partial answer tell its code', async () => {
    const beforePage = ({ domain }: { domain: string }) => {
      if (domain === 'materials') throw new Error('down')
    }
    const trace = createTestTrace({ source: scriptedSource({ beforePage }) })
    const answer = (await (await trace.post('events', events)).json()) as Record<string, unknown>
    expect(answer.code).toBe('EVENTS_PARTIAL_FAILURE')
    expect(schemaProblems('EventsAnswer', answer)).toEqual([])
  })

  it('of a job are as told, from its beginning to its log, its pages and its files', async () => {
    const { post, call, ended } = createTestTrace()
    const lineage = (await (await post('lineage', forward)).json()) as { lineage_id: string }
    const body = { profile: 'query_tool', domains: ['history'], lineage_id: lineage.lineage_id }
    expect(schemaProblems('EventsRequest', body)).toEqual([])
    const job = await (await post('events-async', body)).json()
    await ended(job.job_id)
    for (const url of [job.status_url, job.result_url, `${job.result_url}?domain=history&limit=1`]) {
      const schema = url === job.status_url ? 'JobStatus' : 'EventsAnswer'
      expect(schemaProblems(schema, await (await call(url)).json())).toEqual([])
    }
    const exported = await (await call(`${job.status_url}/export?domain=history&format=ndjson`)).text()
    for (const row of exported.trim().split('\n')) expect(schemaProblems('Row', JSON.parse(row))).toEqual([])
    for (const text of [
      await (await call(job.follow_url)).text(),
      await (await post('events', events, LINES)).text(),
    ]) {
      const lines = parseLines(text)
      expect(lines.map(({ type }) => type)).toContain('complete')
      for (const line of lines) expect(schemaProblems('StreamLine', line)).toEqual([])
    }
  })
})

describe('what is not in the document', () => {
  const request = new Request('http://localhost/api/trace/job/x')
  it.each([
    ['a status', Response.json({}, { status: 418 }), /418 is unknown/],
    ['a media type', new Response('', { headers: { 'Content-Type': 'text/html' } }), /there is no/],
    ['a code', problem(404, 'QUEUE_FULL'), /allowed values/],
    ['a form', whole({ job_id: 7 }, 200), /job_id must be string/],
  ])('is seen: %s', async (_, response, message) => {
    expect((await answerProblems(request, response)).join()).toMatch(message)
  })

  function problem(status: number, code: string) {
    return whole({ success: false, error: { code, message: '' }, meta: { timestamp: '' } }, status)
  }

  function whole(body: unknown, status: number) {
    return Response.json(body, { status, headers: { 'Content-Length': '1' } })
  }
})

describe('a server', () => {
  let server: TestServer
  beforeAll(async () => void (server = await startTestServer()))
  afterAll(() => server.close())

  it('gives its own description', async () => {
    expect(await (await server.get('/api/trace/openapi.json')).json()).toEqual(written)
  })
})
