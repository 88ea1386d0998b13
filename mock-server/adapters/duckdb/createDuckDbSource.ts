import * as v from 'valibot'
import { SourceDescription } from '../../../src/protocol/index.js'
import type { TraceSource } from '../../ports/index.js'
import { createSqlSource, factoryOptions, type SqlSourceOptions } from '../sql/createSqlSource.js'
import { readTables } from '../sql/FactoryTables.js'
import { columnTypes } from './columnTypes.js'
import { createDuckDbDatabase, type DuckDbOptions } from './createDuckDbDatabase.js'

export interface DuckDbSourceOptions extends DuckDbOptions, Partial<SqlSourceOptions> {}

/**
 * A factory in a folder of Parquet, CSV or NDJSON files: for each table of the mapping a file of its name, or a folder
 * of files. By default it is the synthetic one, as `npm run factory` writes it. Every process reads the files by itself.
 *
 * @throws {Error} where `@duckdb/node-api` is not installed, there is no such folder, or a mapping does not fit the
 * description
 */
export function createDuckDbSource({
  description,
  tables,
  ...options
}: DuckDbSourceOptions): Required<TraceSource> {
  const source = factoryOptions({ description, tables })
  const described = v.parse(SourceDescription, source.description)
  const mapped = readTables(described, source.tables)
  const types = columnTypes(mapped, described)
  const copied = new Set([mapped.lineage.table])
  return createSqlSource(createDuckDbDatabase(options, types, copied), source)
}
