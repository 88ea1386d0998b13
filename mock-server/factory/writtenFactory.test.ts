import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { checksumSource, describeTraceSource } from '../adapters/contracts/traceSource.contract.js'
import { createDuckDbSource } from '../adapters/duckdb/createDuckDbSource.js'
import { createPostgresSource } from '../adapters/postgres/createPostgresSource.js'
import { createSyntheticSource } from '../adapters/synthetic/createSyntheticSource.js'
import type { TraceSource } from '../ports/index.js'
import { createTestTrace } from '../testing/createTestTrace.js'
import { factoryFacts } from '../testing/factoryFacts.js'
import { readLines, type Line } from '../testing/readLines.js'
import { describeWithPostgres, startTestPostgres, type TestPostgres } from '../testing/startTestPostgres.js'
import { createParquetTarget } from './createParquetTarget.js'
import { createPostgresTarget } from './createPostgresTarget.js'
import type { FactoryTarget } from './FactoryTarget.js'
import { planFactory } from './planFactory.js'
import { createFamilyReader } from './readFamilyTables.js'
import { writeFactory } from './writeFactory.js'

const plan = planFactory(2_000)
const { schema } = createFamilyReader(plan.families)
const facts = factoryFacts(plan.families)
const synthetic = createSyntheticSource({ families: plan.families })
/** What was read back must be the same. */
const checksums = await checksumSource(synthetic, facts)

async function write(target: FactoryTarget) {
  await writeFactory(target, plan, { signal: new AbortController().signal })
  await target.close()
}

/** A whole question: its rows in one order, since that of seeds is the source's own, and its figures. */
async function ask(source: TraceSource, direction: 'backward' | 'forward') {
  const trace = createTestTrace({ source })
  const { station, start, end } = facts.days!
  const params = { station, start_date: start, end_date: end, direction }
  const job = (await (await trace.post('run', { profile: 'mid_section_defect', params })).json()) as Line
  const lines = await readLines(await trace.call(String(job.follow_url)))
  await trace.stop()
  const rows = lines
    .filter(({ type }) => type === 'records')
    .flatMap(({ domain, data }) => (data as object[]).map((row) => [domain, Object.entries(row).sort()]))
    .map((row) => JSON.stringify(row))
  return { rows: rows.sort(), figures: lines.find(({ type }) => type === 'aggregation')?.data }
}

function describeSameAnswers(name: string, open: () => TraceSource) {
  describe(`a whole question, asked of ${name}`, () => {
    it.each(['backward', 'forward'] as const)(
      '%s has the rows and figures of the synthetic factory',
      async (way) => {
        const source = open()
        const answer = await ask(source, way)
        await source.close?.()
        expect(answer.rows.length).toBeGreaterThan(1_000)
        expect(answer.figures).toBeTruthy()
        expect(answer).toEqual(await ask(synthetic, way))
      },
    )
  })
}

const folder = mkdtempSync(join(tmpdir(), 'trace-factory-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describeTraceSource(
  'DuckDB, of Parquet files',
  async () => {
    await write(createParquetTarget(folder, schema))
    return createDuckDbSource({ folder })
  },
  { ...facts, checksums },
)
describeSameAnswers('DuckDB', () => createDuckDbSource({ folder }))

describeWithPostgres('a factory written into PostgreSQL', () => {
  let postgres: TestPostgres
  afterAll(() => postgres.remove())

  describeTraceSource(
    'PostgreSQL',
    async () => {
      postgres = await startTestPostgres()
      await write(await createPostgresTarget(postgres.url, schema))
      return createPostgresSource({ connection: postgres.url })
    },
    {
      ...facts,
      checksums,
      async isIdle() {
        const active = `SELECT FROM pg_stat_activity WHERE state = 'active' AND application_name = 'vue-trace-progress'`
        return (await postgres.rows(active)).length === 0
      },
    },
  )
  describeSameAnswers('PostgreSQL', () => createPostgresSource({ connection: postgres.url }))
})
