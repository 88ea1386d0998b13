import { TraceError } from '../../../src/errors.js'
import type { RowPage, RowQuery } from '../../ports/index.js'
import type { Table } from './createCatalog.js'
import type { ListFilter } from './FactoryTables.js'
import { readToken, writeToken } from './pageToken.js'
import { quoteName } from './quote.js'
import type { SqlContext } from './SqlContext.js'
import type { SqlRow } from './SqlDatabase.js'
import { columnOf, createQuery, sortable } from './sqlText.js'

type Query = ReturnType<typeof createQuery>

/** The rows of a question without lots, from where another query ended. */
export async function* readList(
  { database, catalog, tables }: SqlContext,
  { domain, params }: RowQuery,
  { after, signal }: { after: string | null; signal: AbortSignal },
): AsyncGenerator<RowPage> {
  const mapped = tables.lists.get(domain)
  if (!mapped) throw new RangeError(`No question without lots has the domain ${domain}.`)
  const { table, columns, order, filters } = mapped
  const needed = [...order, ...columns.map(({ column }) => column), ...filters.map(({ column }) => column)]
  const list = await catalog.open({ key: `tables.lists.${domain}`, table, columns: needed, ids: [] }, signal)

  const query = createQuery()
  const sorted = order.map((column) => sortable('d', column, list.typeOf(column)))
  const conditions = filters.flatMap((filter) => conditionOf(query, list, filter, params[filter.param]))
  if (after !== null) {
    const ended = readToken(after, order.length)
    const values = order.map((column, i) => query.param(ended[i]!, list.typeOf(column)))
    // No null is greater than a token: rows that have one are asked for all the same, to be refused.
    const isNull = order.map((column) => `${columnOf('d', column)} IS NULL`)
    conditions.push(`((${sorted.join(', ')}) > (${values.join(', ')}) OR ${isNull.join(' OR ')})`)
  }
  const keys = order.map((_, i) => `key:${i}`)
  const selected = [
    ...columns.map(({ name, column }) => `${columnOf('d', column)} AS ${quoteName(name)}`),
    ...order.map((column, i) => `${columnOf('d', column)}::text AS ${quoteName(keys[i]!)}`),
  ]
  const pages = database.query(
    query.write(
      `SELECT ${selected.join(', ')}`,
      `FROM ${list.from} AS d`,
      conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : '',
      `ORDER BY ${sorted.join(', ')}`,
    ),
    { signal },
  )

  // A page is given once it is known whether another follows.
  let page: SqlRow[] = []
  let last: string[] = []
  for await (const next of pages) {
    if (page.length > 0) yield { rows: page.map(toRow), next: writeToken(last) }
    page = next
    for (const row of next) last = keys.map((key, i) => keyOf(row, key, order[i]!))
  }
  yield { rows: page.map(toRow), next: null }

  // Nothing is greater than null, or less: another attempt would pass over what follows it.
  function keyOf(row: SqlRow, key: string, column: string): string {
    const value = row[key]
    if (value !== null && value !== undefined) return String(value)
    throw new TraceError(
      'SOURCE_MISCONFIGURED',
      `The column ${column} of ${table} has nulls and cannot order its rows; name others in tables.lists.${domain}.order.`,
    )
  }

  function toRow(row: SqlRow): SqlRow {
    return Object.fromEntries(columns.map(({ name }) => [name, row[name]!]))
  }
}

function conditionOf(
  query: Query,
  list: Table,
  { column, compare }: ListFilter,
  value: RowQuery['params'][string] | undefined,
): string[] {
  if (value === undefined) return []
  const filtered = columnOf('d', column)
  if (compare === 'from') return [`${filtered} >= ${query.param(String(value), 'date')}`]
  // The whole of the last day.
  if (compare === 'to') return [`${filtered} < ${query.param(String(value), 'date')} + 1`]
  if (Array.isArray(value)) return [`${filtered} = ANY(${query.param(value, `${list.typeOf(column)}[]`)})`]
  return [`${filtered} = ${query.param(String(value), list.typeOf(column))}`]
}
