import { createPostgresDatabase } from '../../mock-server/adapters/postgres/createPostgresDatabase.js'
import { createSqlSource, factoryOptions } from '../../mock-server/adapters/sql/createSqlSource.js'
import type { SqlQuery } from '../../mock-server/adapters/sql/SqlDatabase.js'
import type { DetectionQuery, SeedQuery } from '../../mock-server/ports/index.js'

const ID_BATCH = 1_000
const DOMAINS = ['upstream_history', 'materials']

/** Every query that the job of a whole question sends. */
export async function recordQueries(connection: string, end: string): Promise<SqlQuery[]> {
  const database = createPostgresDatabase({ connection })
  const queries: SqlQuery[] = []
  const source = createSqlSource(
    {
      ...database,
      query(query, options) {
        queries.push(query)
        return database.query(query, options)
      },
    },
    factoryOptions({}),
  )
  const { signal } = new AbortController()
  const profile = 'mid_section_defect'
  const days = { profile, station: '測試', start: '2026-01-01', end }
  const asked: SeedQuery = { ...days, by: 'date_range' }
  const measured: DetectionQuery = { ...days, mode: 'date_range', direction: 'backward', lossReasons: null }

  const cids = new Set<string>()
  for (let after: string | null = null; ;) {
    const page = await source.resolveSeeds(asked, { after, signal })
    const seeds = page.seeds.map((seed) => seed.container_id)
    const lineage = await source.lineage(seeds, 'backward', { details: false, signal })
    for (const id of seeds) cids.add(id)
    if (lineage.direction === 'backward')
      for (const ids of lineage.ancestors.values()) for (const id of ids) cids.add(id)
    await begin(source.detections(measured, seeds, { signal }))
    after = page.next
    if (after === null) break
  }
  const ids = [...cids]
  for (let at = 0; at < ids.length; at += ID_BATCH) {
    for (const domain of DOMAINS) await begin(source.events(domain, ids.slice(at, at + ID_BATCH), { signal }))
  }
  await source.close()
  return queries
}

/** Asks, and leaves the answer. */
async function begin(parts: AsyncIterable<unknown>) {
  for await (const _ of parts) return
}
