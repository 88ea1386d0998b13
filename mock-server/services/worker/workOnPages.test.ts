import { describe, expect, it } from 'vitest'
import { TraceError } from '../../../src/errors.js'
import type { PartialSource, RowPage } from '../../ports/index.js'
import { createTestTrace } from '../../testing/createTestTrace.js'
import { readLines, rowsOf } from '../../testing/readLines.js'
import { storeRunQuestion, type RunQuestion } from '../questions/RunQuestion.js'
import { runJob } from './runJob.js'

const STOPS = Array.from({ length: 25 }, (_, i) => ({
  ID: `D${i}`,
  HOURS: i / 4,
  NOTE: i % 3 ? '換線' : null,
}))

/** A house that knows nothing of lots: the stops of its machines, four to a page. */
function stopsOfMachines(change: Partial<PartialSource> = {}, count = STOPS.length) {
  const asked: (string | null)[] = []
  const source: PartialSource = {
    describe: () => ({
      profiles: [
        {
          name: 'downtime',
          stages: ['events'],
          params: [{ name: 'from', kind: 'date', required: true }],
          domains: ['stops'],
        },
      ],
      domains: [
        {
          name: 'stops',
          columns: [
            { name: 'ID', kind: 'id' },
            { name: 'HOURS', kind: 'quantity', unit: 'h' },
          ],
        },
      ],
    }),
    async *rows({ params }, { after }) {
      expect(params).toEqual({ from: '2026-01-01' })
      asked.push(after)
      yield pageAfter(after, count)
    },
    ...change,
  }
  return { source, asked }
}

function pageAfter(after: string | null, count: number): RowPage {
  const from = Number(after ?? 0)
  const end = Math.min(from + 4, count)
  return { rows: STOPS.slice(from, end), next: end < count ? String(end) : null }
}

const STORED: RunQuestion = {
  profile: 'downtime',
  params: {},
  hasFigures: false,
  hasLineage: false,
  direction: 'backward',
  query: { by: 'params', profile: 'downtime', params: { from: '2026-01-01' } },
  domains: ['stops'],
}

const QUESTION = { profile: 'downtime', params: { from: '2026-01-01' } }

async function ask(trace: ReturnType<typeof createTestTrace>) {
  const job = await (await trace.post('run', QUESTION)).json()
  const lines = await readLines(await trace.call(job.follow_url))
  return { job, lines }
}

describe('a question without seeds', () => {
  it('is a run whose rows come page by page, and is complete', async () => {
    const { source, asked } = stopsOfMachines()
    const { job, lines } = await ask(createTestTrace({ source }))
    expect(job).toMatchObject({ stage: 'run', domains: ['stops'], cid_count: null })
    expect(rowsOf(lines, 'stops')).toEqual(STOPS)
    expect(lines.at(-1)).toMatchObject({ type: 'complete', total_records: 25 })
    expect(asked).toEqual([null, '4', '8', '12', '16', '20', '24'])
  })

  it.each([24, 25])(
    'goes on behind the last page that was committed, whenever its worker dies, of %i rows',
    async (count) => {
      for (let death = 1; death <= 9; death++) {
        const { source, asked } = stopsOfMachines({}, count)
        const { log, runDeps, clock, ...trace } = createTestTrace({
          source,
          settings: { streamBatchSize: 4 },
        })
        await storeRunQuestion(trace, 'j', STORED, 1_000)
        await log.create({
          ...{ jobId: 'j', owner: '', kind: 'run', profile: 'downtime', domains: ['stops'], cidCount: null },
          createdAtMs: clock.now(),
        })
        let commits = 0
        const killed = async () => {
          throw new TraceError('STORE_UNAVAILABLE', 'killed')
        }
        const commit: typeof log.commit = async (...args) => {
          if (++commits >= death) await killed()
          await log.commit(...args)
        }
        const attempt = { jobId: 'j', signal: new AbortController().signal }
        const dying = runJob(attempt, { ...runDeps, log: { ...log, commit, finish: killed } })
        await expect(dying).rejects.toThrow('killed')
        const askedBefore = asked.length
        expect(await runJob(attempt, runDeps)).toBeNull()
        const lines = await readLines(await trace.call('/api/trace/job/j/stream'))
        expect(rowsOf(lines, 'stops'), `death ${death}`).toEqual(STOPS.slice(0, count))
        // Only what was not committed is asked for again.
        const pages = Math.ceil(count / 4)
        expect(asked.length - askedBefore).toBe(Math.max(0, pages - Math.max(0, death - 2)))
      }
    },
  )

  it('fails its domain, and not the job, when the source fails', async () => {
    const { source } = stopsOfMachines({
      async *rows() {
        yield { rows: STOPS.slice(0, 2), next: '2' }
        throw new Error('ORA-00942')
      },
    })
    const { lines } = await ask(createTestTrace({ source }))
    expect(lines.map(({ type }) => type)).toContain('domain_failed')
    expect(rowsOf(lines, 'stops')).toEqual([])
  })

  it.each<[string, RowPage]>([
    ['the same token again and again', { rows: [], next: 'x' }],
    ['a token that is too long', { rows: [], next: 'x'.repeat(1001) }],
    ['a page without rows', { next: null } as unknown as RowPage],
    ['rows that are no JSON', { rows: [{ ID: 10n as unknown as number }], next: null }],
  ])('fails its domain when the source gives %s', async (_, page) => {
    const { source } = stopsOfMachines({
      async *rows() {
        yield page
      },
    })
    const trace = createTestTrace({ source })
    const { lines } = await ask(trace)
    expect(lines.map(({ type }) => type)).toContain('domain_failed')
    expect(trace.warnings.join()).toMatch(/Domain stops failed/)
  })

  it('is refused by stages, which it has none of, with the way to ask', async () => {
    const { source } = stopsOfMachines()
    const { post } = createTestTrace({ source })
    const body = { ...QUESTION, container_ids: ['a'], domains: ['stops'] }
    for (const stage of ['seed-resolve', 'lineage', 'events']) {
      const { error } = await (await post(stage, body)).json()
      expect(error).toMatchObject({ code: 'INVALID_PROFILE' })
      expect(error.message).toMatch(/ask POST \/api\/trace\/run$/)
    }
  })

  it('is refused with a clear word for wrong params', async () => {
    const { source } = stopsOfMachines()
    const { post } = createTestTrace({ source })
    const response = await post('run', { profile: 'downtime', params: {} })
    expect(response.status).toBe(400)
    expect((await response.json()).error).toMatchObject({ message: 'from is required' })
  })
})

describe('a factory with questions of its own', () => {
  it('says what it knows, with what it left out filled in', async () => {
    const { source } = stopsOfMachines()
    const { call } = createTestTrace({ source })
    const description = await (await call('/api/trace/describe')).json()
    expect(description.profiles[0]).toMatchObject({
      name: 'downtime',
      stages: ['events'],
      domains: ['stops'],
    })
    expect(description.domains[0].columns[1]).toEqual({ name: 'HOURS', kind: 'quantity', unit: 'h' })
  })

  it('answers for domains of its own, of seeds without lineage', async () => {
    const { post, call } = createTestTrace({
      source: {
        describe: () => ({
          profiles: [
            {
              name: 'boards',
              stages: ['seeds', 'events'],
              seeds: { types: [{ value: 'serial' }] },
              domains: ['solder'],
            },
          ],
          domains: [{ name: 'solder', columns: [{ name: 'CONTAINERID', kind: 'id' }] }],
        }),
        async resolveSeeds(query) {
          const values = query.by === 'values' ? query.values : []
          return {
            seeds: values.map((id) => ({ container_id: id, container_name: id, lot_id: id })),
            matched: values,
            next: null,
          }
        },
        async *events(domain, ids) {
          yield ids.map((id) => ({ CONTAINERID: id, DOMAIN: domain }))
        },
      },
    })
    const params = { resolve_type: 'serial', values: ['b1', 'b2'] }
    const { follow_url } = await (await post('run', { profile: 'boards', params })).json()
    const lines = await readLines(await call(follow_url))
    expect(rowsOf(lines, 'solder')).toEqual([
      { CONTAINERID: 'b1', DOMAIN: 'solder' },
      { CONTAINERID: 'b2', DOMAIN: 'solder' },
    ])
    expect(lines.at(-1)).toMatchObject({ type: 'complete' })
    const refused = await post('run', { profile: 'boards', params, domains: ['history'] })
    expect((await refused.json()).error).toMatchObject({ message: 'unsupported domains: history' })
  })
})
