import { untilAborted } from '../../../src/async/abort.js'
import { TraceError } from '../../../src/errors.js'
import type { FactoryTables } from './FactoryTables.js'
import { quoteTable } from './quote.js'
import type { SqlDatabase, TableTypes } from './SqlDatabase.js'
import { isTextType } from './sqlText.js'

/** A table that has all it should have. */
export interface Table {
  /** Its name, for a query. */
  from: string
  /** The type of one of the columns it was opened with. */
  typeOf: (column: string) => string
}

/** What a query needs of a table. */
export interface TableNeeds {
  /** Where the mapping has it, for messages: `tables.lots`. */
  key: string
  table: string
  columns: readonly (string | null)[]
  /** Those of `columns` that hold ids. */
  ids: readonly string[]
}

/** Knows the tables that the database has, read once and again after a mistake was found. */
export interface Catalog {
  /** @throws {TraceError} `SOURCE_MISCONFIGURED`: what is missing, and where the mapping names it */
  open: (needs: TableNeeds, signal: AbortSignal) => Promise<Table>
}

export function createCatalog(database: SqlDatabase, tables: FactoryTables): Catalog {
  const { lots, lineage, detections, defects, serials, resolve, domains, lists } = tables
  const mapped = [
    lots,
    lineage,
    detections,
    defects,
    ...resolve.values(),
    ...domains.values(),
    ...lists.values(),
  ]
  const names = [...new Set([...mapped, ...(serials ? [serials] : [])].map(({ table }) => table))]
  let reading: Promise<TableTypes> | null = null

  function read(): Promise<TableTypes> {
    // Not by one caller's signal: others may wait for the same answer.
    return (reading ??= database.describeTables(names).catch((cause: unknown) => {
      reading = null
      throw cause
    }))
  }

  return {
    async open({ key, table, columns, ids }, signal) {
      const types = (await untilAborted(signal, read())).get(table)
      if (!types) throw misconfigured(database.sayMissing(table, key))
      const missing = columns.filter((column) => column !== null && !types.has(column))
      if (missing.length > 0) {
        throw misconfigured(
          `The table ${table} has no column ${missing.join(', ')}; add what is missing, or map it in ${key}.`,
        )
      }
      const odd = ids.find((column) => !isTextType(types.get(column)!))
      if (odd !== undefined) {
        throw misconfigured(
          `Column ${odd} of ${table} is ${types.get(odd)}, and ids are text; map ${key} to a view that casts it.`,
        )
      }
      return { from: quoteTable(table), typeOf: (column) => types.get(column)! }
    },
  }

  /** What is mended is seen by the next question. */
  function misconfigured(message: string): TraceError {
    reading = null
    return new TraceError('SOURCE_MISCONFIGURED', message)
  }
}
