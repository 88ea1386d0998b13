import { setupServer } from 'msw/node'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import {
  combine,
  createTraceHandlers,
  damage,
  dropLine,
  duplicate,
  expires,
  happy,
  partial,
  pieces,
  pollFails,
  rateLimited,
  rowsSource,
  slowLineage,
  truncateAt,
  unmatched,
  workerDies,
  type Scenario,
} from './index.js'

const ORIGIN = 'http://trace.test'
const ROWS = Array.from({ length: 25 }, (_, i) => ({ CONTAINERID: `CID-${i}`, LOSSREASONNAME: '晶片破裂' }))

const server = setupServer()
let close = () => Promise.resolve()

beforeAll(() => server.listen({ onUnhandledRequest: 'error' }))
afterEach(async () => {
  server.resetHandlers()
  await close()
})
afterAll(() => server.close())

function play(scenario: Scenario) {
  const source = rowsSource({ rows: { history: ROWS, materials: ROWS } })
  const handlers = createTraceHandlers({ scenario, source, settings: { streamBatchSize: 10 } })
  close = handlers.close
  server.use(...handlers.handlers)
  return handlers
}

async function post(path: string, body: unknown) {
  return fetch(`${ORIGIN}/api/trace/${path}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  })
}

const IDS = ROWS.map(({ CONTAINERID }) => CONTAINERID)
const QUESTION = { profile: 'query_tool', container_ids: IDS, domains: ['history', 'materials'] }

async function startJob() {
  return (await post('events-async', QUESTION)).json()
}

/** The followed stream's text, to its end. */
async function follow({ follow_url: url }: { follow_url: string }) {
  return (await fetch(new URL(url, ORIGIN))).text()
}

function typesOf(text: string): string[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).type)
    .filter((type) => type !== 'progress')
}

describe('createTraceHandlers', () => {
  it('answers as the real server does', async () => {
    const handlers = play(happy())
    const lines = typesOf(await follow(await startJob()))
    expect(lines[0]).toBe('meta')
    expect(lines.at(-1)).toBe('complete')
    expect(lines.filter((type) => type === 'records').length).toBeGreaterThanOrEqual(6)
    expect(handlers.log.map(({ kind }) => kind)).toEqual(['events', 'stream'])
  })

  it('gives the rows a test names', async () => {
    play(happy())
    const { results } = await (await post('events', QUESTION)).json()
    expect(results.history.data).toEqual(ROWS)
  })

  it('declares failed domains', async () => {
    const { handlers, close: stop } = createTraceHandlers({ scenario: partial('materials') })
    close = stop
    server.use(...handlers)
    const answer = await (await post('events', QUESTION)).json()
    expect(answer).toMatchObject({ code: 'EVENTS_PARTIAL_FAILURE', failed_domains: ['materials'] })
  })

  it('ends a stream early, as often as asked', async () => {
    play(truncateAt(3, 1))
    const job = await startJob()
    expect(typesOf(await follow(job))).not.toContain('complete')
    expect(typesOf(await follow(job)).at(-1)).toBe('complete')
  })

  it('drops, doubles and damages lines', async () => {
    play(happy())
    // A busy machine has progress lines in between; they have no number.
    const numbered = (text: string) => text.split('\n').filter((line) => line.includes('"seq":')).length
    const whole = numbered(await follow(await startJob()))
    await close()
    play(dropLine(2))
    expect(numbered(await follow(await startJob()))).toBe(whole - 1)
    await close()
    play(duplicate(2))
    const [, second, third] = (await follow(await startJob())).split('\n')
    expect(second).toBe(third)
    await close()
    play(damage(2))
    const [, damaged] = (await follow(await startJob())).split('\n')
    expect(() => JSON.parse(damaged!)).toThrow(SyntaxError)
  })

  it('cuts inside characters without changing a byte', async () => {
    play(pieces(7))
    expect(await follow(await startJob())).toContain('晶片破裂')
  })

  it('fails polls, then lets them through', async () => {
    play(pollFails(502, 2))
    const { status_url: url } = await startJob()
    const statuses = []
    for (let i = 0; i < 3; i++) statuses.push((await fetch(new URL(url, ORIGIN))).status)
    expect(statuses).toEqual([502, 502, 200])
  })

  it('fails the polls of a page that would follow the job, too', async () => {
    const { log } = play(pollFails(502, 2))
    const accepted = await startJob()
    expect(accepted.follow_url).toBeUndefined()
    expect(log.map(({ kind }) => kind)).toEqual(['events'])
  })

  it('lets the worker die until the job is given up', async () => {
    play(workerDies())
    const { status_url: url } = await startJob()
    await expect
      .poll(async () => (await (await fetch(new URL(url, ORIGIN))).json()).error_code)
      .toBe('WORKER_LOST')
  })

  it('combines scenarios', async () => {
    play(combine(rateLimited(1, 2), expires()))
    const first = await post('events-async', QUESTION)
    expect(first.status).toBe(429)
    expect(first.headers.get('Retry-After')).toBe('2')
    const { status_url: url } = await startJob()
    await fetch(new URL(url, ORIGIN))
    const gone = await (await fetch(new URL(url, ORIGIN))).json()
    expect(gone.error.code).toBe('JOB_RESULT_EXPIRED')
  })
})

describe('a whole question', () => {
  const LOTS = {
    profile: 'query_tool',
    params: { resolve_type: 'lot_id', values: ['CID-1', 'CID-2'] },
    domains: ['history', 'materials'],
  }
  const run = async () => (await post('run', LOTS)).json()
  const linesOf = (text: string) =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)

  it('is one job here, too', async () => {
    const { log } = play(happy())
    const lines = linesOf(await follow(await run()))
    expect(lines[0]).toMatchObject({ type: 'meta', interleaved: true })
    expect(lines.at(-1)).toMatchObject({
      type: 'complete',
      domains: { seeds: 1, history: 25, materials: 25 },
    })
    expect(log.map(({ kind }) => kind)).toEqual(['run', 'stream'])
  })

  it('says which values find nothing', async () => {
    play(unmatched('CID-2'))
    const lines = linesOf(await follow(await run()))
    expect(lines.find(({ type }) => type === 'unmatched')).toMatchObject({ count: 1, values: ['CID-2'] })
  })

  it.each(['seeds', 'lineage', 'events'] as const)(
    'goes on when its worker dies in %s, and has every row once',
    async (stage) => {
      play(workerDies(stage))
      const job = await run()
      const lines = linesOf(await follow(job))
      expect(lines.at(-1)).toMatchObject({
        type: 'complete',
        domains: { seeds: 1, history: 25, materials: 25 },
      })
      const rows = lines.flatMap(({ type, domain, data }) =>
        type === 'records' && domain === 'history' ? (data as unknown[]) : [],
      )
      expect(rows).toEqual(ROWS)
      const status = await (await fetch(new URL(job.status_url, ORIGIN))).json()
      expect(status.progress_detail.attempt).toBe(2)
    },
  )

  it('tells its phase while a slow lineage goes on', async () => {
    play(slowLineage(200))
    const lines = linesOf(await follow(await run()))
    const phases = lines.flatMap(({ type, phase }) => (type === 'progress' ? [phase] : []))
    expect(phases).toContain('lineage')
    expect(lines.at(-1)).toMatchObject({ type: 'complete' })
  })
})
