import type { Catalog } from './createCatalog.js'
import type { FactoryTables } from './FactoryTables.js'
import type { SqlDatabase } from './SqlDatabase.js'

/** What every question to the database is asked with. */
export interface SqlContext {
  database: SqlDatabase
  catalog: Catalog
  tables: FactoryTables
}
