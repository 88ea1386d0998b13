import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createTestTrace } from '../../testing/createTestTrace.js'
import { scriptedRows, scriptedSource } from '../../testing/scriptedSource.js'

const IDS = Array.from({ length: 17 }, (_, i) => `ID-${i}`)
const DOMAINS = ['history', 'holds']

/** A completed job of 51 rows per domain, in chunks of at most 10. */
async function setUp(body: Record<string, unknown> = {}, source = scriptedSource()) {
  const trace = createTestTrace({ source, settings: { streamBatchSize: 10, idBatchSize: 5 } })
  const request = { profile: 'query_tool', container_ids: IDS, domains: DOMAINS, ...body }
  const accepted = await (await trace.post('events-async', request)).json()
  await trace.ended(accepted.job_id)
  const read = (query: string) => trace.call(`/api/trace/job/${accepted.job_id}/result${query}`)
  return { ...trace, read, url: accepted.result_url as string }
}

describe('a result read in pages', () => {
  it('is every row of every domain when nothing else is asked', async () => {
    const { read } = await setUp()
    const response = await read('')
    expect(response.headers.get('Link')).toBeNull()
    expect(await response.json()).toEqual({
      stage: 'events',
      results: {
        history: { count: 51, total: 51, data: scriptedRows('history', IDS) },
        holds: { count: 51, total: 51, data: scriptedRows('holds', IDS) },
      },
      aggregation: null,
    })
  })

  it('has the rows from offset on, limit of them, wherever chunks begin', async () => {
    const { read } = await setUp()
    const rows = scriptedRows('history', IDS)
    await fc.assert(
      fc.asyncProperty(fc.nat(60), fc.integer({ min: 1, max: 60 }), async (offset, limit) => {
        const page = await (await read(`?domain=history&offset=${offset}&limit=${limit}`)).json()
        const expected = rows.slice(offset, offset + limit)
        expect(page.results).toEqual({ history: { data: expected, count: expected.length, total: 51 } })
      }),
      { numRuns: 60 },
    )
  })

  it('can be walked by its links, to the last row', async () => {
    const { read, url, call } = await setUp()
    const rows: unknown[] = []
    let response = await read('?domain=history&limit=7')
    for (;;) {
      const page = await response.json()
      rows.push(...page.results.history.data)
      const next = /^<(.*)>; rel="next"$/.exec(response.headers.get('Link') ?? '')?.[1]
      if (!next) break
      expect(next.startsWith(`${url}?`)).toBe(true)
      response = await call(next)
    }
    expect(rows).toEqual(scriptedRows('history', IDS))
  })

  it('applies offset and limit to each domain when none is named', async () => {
    const { read } = await setUp()
    const page = await (await read('?offset=50&limit=5')).json()
    for (const domain of DOMAINS) {
      expect(page.results[domain]).toEqual({ data: scriptedRows(domain, IDS).slice(50), count: 1, total: 51 })
    }
  })

  it.each([
    'offset=0',
    'offset=-5',
    'offset=abc',
    'limit=0',
    'limit=-1',
    'limit=x',
    'offset=&limit=',
    'offset=1.5',
  ])('does not apply %s', async (query) => {
    const { read } = await setUp()
    const page = await (await read(`?domain=history&${query}`)).json()
    expect(page.results.history).toMatchObject({ count: 51, total: 51 })
  })

  it('is empty beyond the end, however far', async () => {
    const { read } = await setUp()
    for (const offset of ['51', '1000', '99999999999999999999999']) {
      const page = await (await read(`?domain=history&offset=${offset}&limit=5`)).json()
      expect(page.results).toEqual({ history: { data: [], count: 0, total: 51 } })
    }
  })

  it('has no domain that was not asked for', async () => {
    const { read } = await setUp()
    for (const domain of ['nope', '__proto__', 'rejects']) {
      expect((await (await read(`?domain=${domain}`)).json()).results).toEqual({})
    }
  })

  it('reads only the chunks it needs', async () => {
    const { read, log } = await setUp()
    const { chunk } = log
    const asked: number[] = []
    log.chunk = (jobId, seq) => {
      asked.push(seq)
      return chunk(jobId, seq)
    }
    await (await read('?domain=history&offset=20&limit=5')).json()
    expect(asked.length).toBeLessThanOrEqual(2)
  })

  it('names the failed domains and leaves them out', async () => {
    const source = scriptedSource({
      beforePage: ({ domain }) => {
        if (domain === 'history') throw new Error('gone')
      },
    })
    const { read } = await setUp({}, source)
    const page = await (await read('?limit=1')).json()
    expect(page).toMatchObject({
      error: 'one or more domains failed',
      code: 'EVENTS_PARTIAL_FAILURE',
      failed_domains: ['history'],
    })
    expect(Object.keys(page.results)).toEqual(['holds'])
  })

  it('repeats the aggregation in every page', async () => {
    const { read } = await setUp({
      profile: 'mid_section_defect',
      domains: ['materials'],
      params: { mode: 'container' },
      seed_container_ids: ['ID-1'],
      lineage: { ancestors: { 'ID-1': ['ID-2'] } },
    })
    const first = await (await read('?limit=5')).json()
    expect(first.aggregation.kpi).toMatchObject({ total_input: 1000 })
    expect((await (await read('?offset=5&limit=5')).json()).aggregation).toEqual(first.aggregation)
  })

  it('breaks off when rows are missing: never a short page that looks whole', async () => {
    const { read, log } = await setUp()
    log.chunk = async (jobId, seq) => {
      throw new Error(`no chunk ${seq} of ${jobId}`)
    }
    await expect((await read('?domain=history')).text()).rejects.toThrow()
  })
})
