import type { TraceSource } from '../../ports/index.js'
import { createSqlSource, type SqlSourceOptions } from '../sql/createSqlSource.js'
import { createPostgresDatabase, type PostgresOptions } from './createPostgresDatabase.js'

export interface PostgresSourceOptions extends PostgresOptions, SqlSourceOptions {}

/**
 * A factory in PostgreSQL 12 or later. Nothing is connected before something is asked.
 *
 * @throws {Error} where `pg` or `pg-cursor` is not installed, or a mapping does not fit the description
 */
export function createPostgresSource({
  description,
  tables,
  ...options
}: PostgresSourceOptions): Required<TraceSource> {
  return createSqlSource(createPostgresDatabase(options), { description, tables })
}
