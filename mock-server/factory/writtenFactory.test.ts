import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { checksumSource, describeTraceSource } from '../adapters/contracts/traceSource.contract.js'
import { createDuckDbSource } from '../adapters/duckdb/createDuckDbSource.js'
import { createPostgresSource } from '../adapters/postgres/createPostgresSource.js'
import { createSyntheticSource } from '../adapters/synthetic/createSyntheticSource.js'
import { factoryFacts } from '../testing/factoryFacts.js'
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
/** Of the factory that was written: what was read back must be the same. */
const checksums = await checksumSource(createSyntheticSource({ families: plan.families }), facts)

async function write(target: FactoryTarget) {
  await writeFactory(target, plan, { signal: new AbortController().signal })
  await target.close()
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
})
