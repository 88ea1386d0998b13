import type { TraceSource } from '../../ports/index.js'
import { createSqlSource, factoryOptions, type SqlSourceOptions } from '../sql/createSqlSource.js'
import { createPostgresDatabase, type PostgresOptions } from './createPostgresDatabase.js'

export interface PostgresSourceOptions extends PostgresOptions, Partial<SqlSourceOptions> {}

/**
 * A factory in PostgreSQL 12 or later: by default the synthetic one, as `npm run factory` writes it. Nothing is connected
 * before something is asked.
 *
 * @throws {Error} where `pg` or `pg-cursor` is not installed, or a mapping does not fit the description
 */
export function createPostgresSource({
  description,
  tables,
  ...options
}: PostgresSourceOptions): Required<TraceSource> {
  return createSqlSource(createPostgresDatabase(options), factoryOptions({ description, tables }))
}
