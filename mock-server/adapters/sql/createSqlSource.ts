import * as v from 'valibot'
import { SourceDescription, type SourceDescriptionInput } from '../../../src/protocol/index.js'
import type { TraceSource } from '../../ports/index.js'
import { describeFactory } from '../synthetic/describe.js'
import { createCatalog } from './createCatalog.js'
import { readTables, SYNTHETIC_TABLES, type TablesInput } from './FactoryTables.js'
import { readDetections } from './readDetections.js'
import { readDomain } from './readDomain.js'
import { readList } from './readList.js'
import { resolveSeeds } from './resolveSeeds.js'
import type { SqlDatabase } from './SqlDatabase.js'
import { traceLineage } from './traceLineage.js'

export interface SqlSourceOptions {
  /** What may be asked, and what the rows are. */
  description: SourceDescriptionInput
  /** What differs from the default layout. */
  tables?: TablesInput
}

/**
 * A factory in a database. The questions are the same for all databases; `SqlDatabase` is what each does by itself.
 *
 * @throws {Error} for a mapping that does not fit the description
 */
export function createSqlSource(
  database: SqlDatabase,
  { description, tables: input }: SqlSourceOptions,
): Required<TraceSource> {
  const tables = readTables(v.parse(SourceDescription, description), input)
  const context = { database, tables, catalog: createCatalog(database, tables) }

  return {
    describe: () => description,
    resolveSeeds: (query, place) => resolveSeeds(context, query, place),
    lineage: (seedIds, direction, options) => traceLineage(context, seedIds, direction, options),
    events: (domain, ids, { signal }) => readDomain(context, domain, ids, signal),
    detections: (query, seedIds, { signal }) => readDetections(context, query, seedIds, signal),
    rows: (query, options) => readList(context, query, options),
    close: () => database.close(),
  }
}

/** What is not described is the synthetic factory, with what its tables need beside the default layout. */
export function factoryOptions({ description, tables }: Partial<SqlSourceOptions>): SqlSourceOptions {
  return description
    ? { description, tables }
    : { description: describeFactory(), tables: { ...SYNTHETIC_TABLES, ...tables } }
}
