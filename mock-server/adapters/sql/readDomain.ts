import type { Row } from '../../ports/index.js'
import { ROW_ID } from './FactoryTables.js'
import { quoteName } from './quote.js'
import type { SqlContext } from './SqlContext.js'
import { columnOf, createQuery, sortable } from './sqlText.js'

/** The rows of some lots, lot by lot as they were asked for. */
export async function* readDomain(
  { database, catalog, tables }: SqlContext,
  domain: string,
  ids: readonly string[],
  signal: AbortSignal,
): AsyncGenerator<Row[]> {
  const mapped = tables.domains.get(domain)
  if (!mapped) throw new RangeError(`No domain ${domain} is described.`)
  if (ids.length === 0) return
  const { table, id, columns, order } = mapped
  const needed = [id, ...order, ...columns.map(({ column }) => column)]
  const rows = await catalog.open(
    { key: `tables.domains.${domain}`, table, columns: needed, ids: [id] },
    signal,
  )
  const query = createQuery()
  const selected = columns.map(({ name, column }) => {
    return `${name === ROW_ID ? 'asked.id::text' : columnOf('d', column)} AS ${quoteName(name)}`
  })
  const sorted = order.map((column) => sortable('d', column, rows.typeOf(column)))
  yield* database.query(
    query.write(
      `SELECT ${selected.join(', ')}`,
      `FROM unnest(${query.param(ids, `${rows.typeOf(id)}[]`)}) WITH ORDINALITY AS asked(id, position)`,
      `JOIN ${rows.from} AS d ON ${columnOf('d', id)} = asked.id`,
      `ORDER BY asked.position, ${sorted.join(', ')}`,
    ),
    { signal },
  )
}
