import type { SeedPage, SeedQuery, SourceSeed } from '../../ports/index.js'
import type { Table } from './createCatalog.js'
import type { ResolveTable } from './FactoryTables.js'
import { readToken, writeToken } from './pageToken.js'
import type { SqlContext } from './SqlContext.js'
import { readAll, type SqlRow } from './SqlDatabase.js'
import { columnOf, createQuery, sortable } from './sqlText.js'

const SEEDS_PER_PAGE = 1_000
/** Values looked up by one query. */
const VALUES_PER_PAGE = 1_000

interface Place {
  /** Where the last page ended. */
  after: string | null
  signal: AbortSignal
}

/** Some of the lots a question starts from, each on one page only; values are exact, and unknown ones find nothing. */
export function resolveSeeds(context: SqlContext, query: SeedQuery, place: Place): Promise<SeedPage> {
  return query.by === 'values' ? findByValues(context, query, place) : findByDates(context, query, place)
}

/** Lots in the order of the values, and those of one value by their ids. The token: which value, which lot. */
async function findByValues(
  context: SqlContext,
  { resolveType, values }: Extract<SeedQuery, { by: 'values' }>,
  { after, signal }: Place,
): Promise<SeedPage> {
  const { database, tables } = context
  const mapped = tables.resolve.get(resolveType)
  if (!mapped) throw new RangeError(`No resolve type ${resolveType} is described.`)
  const key = `tables.resolve.${resolveType}`
  const [from, lastId] = after === null ? [0, ''] : readPlace(after, values)
  const asked = values.slice(from, from + VALUES_PER_PAGE)
  const finders = await openFinders(context, key, mapped, signal)
  const lots = await openLots(context, signal)

  const query = createQuery()
  const rows = await readAll(
    database.query(
      query.write(
        `SELECT found.position, found.id, ${lots.columns}`,
        `FROM (SELECT DISTINCT asked.position, ${database.asId(columnOf('v', mapped.id))} AS id`,
        `  FROM unnest(${query.param(asked, `${finders.typeOf(mapped.value)}[]`)}) WITH ORDINALITY AS asked(value, position)`,
        `  JOIN ${finders.from} AS v ON ${columnOf('v', mapped.value)} = asked.value`,
        ...whereOf(query, finders, mapped),
        `) AS found`,
        `LEFT JOIN ${lots.from} AS l ON ${columnOf('l', tables.lots.id)} = found.id::${lots.idType}`,
        `WHERE found.position > 1 OR found.id COLLATE "C" > ${query.param(lastId, 'text')}`,
        `ORDER BY found.position, found.id COLLATE "C" LIMIT ${SEEDS_PER_PAGE}`,
      ),
      { isQuick: true, signal },
    ),
  )

  const ids = [...new Set(rows.map(({ id }) => String(id)))]
  const valuesOfLots = await readValues(context, key, mapped, ids, { isQuick: true, signal })
  const positions = new Map<string, number>()
  for (const [position, value] of values.entries()) if (!positions.has(value)) positions.set(value, position)
  const seeds: SeedPage['seeds'] = []
  const matched = new Set<string>()
  for (const row of rows) {
    const seed = toSeed(row)
    const position = from + Number(row.position) - 1
    // Also where the database compares otherwise than by letters, as citext does.
    matched.add(values[position]!)
    const its = (valuesOfLots.get(seed.container_id) ?? []).filter((value) => positions.has(value))
    // A lot stands where the first of its values stands, and tells of all.
    if (its.some((value) => positions.get(value)! < position)) continue
    if (positions.get(values[position]!) !== position) continue
    seeds.push({ ...seed, inputValue: values[position]! })
    for (const value of its) matched.add(value)
  }

  const end = from + VALUES_PER_PAGE
  if (rows.length === SEEDS_PER_PAGE) {
    const last = rows.at(-1)!
    return {
      seeds,
      matched: [...matched],
      next: writeToken([String(from + Number(last.position) - 1), String(last.id)]),
    }
  }
  return { seeds, matched: [...matched], next: end < values.length ? writeToken([String(end), '']) : null }
}

/** Lots that were measured at a station, by day and id. The token: which day, which lot. */
async function findByDates(
  context: SqlContext,
  { station, start, end }: Extract<SeedQuery, { by: 'date_range' }>,
  { after, signal }: Place,
): Promise<SeedPage> {
  const { database, catalog, tables } = context
  const { table, id, station: at, date } = tables.detections
  const needs = { key: 'tables.detections', table, columns: [id, at, date], ids: [id] }
  const detections = await catalog.open(needs, signal)
  const lots = await openLots(context, signal)

  const query = createQuery()
  const day = columnOf('d', date)
  const order = `${day}, ${sortable('d', id, detections.typeOf(id))}`
  const conditions = [
    `${columnOf('d', at)} = ${query.param(station, detections.typeOf(at))}`,
    `${day} >= ${query.param(start, 'date')}`,
    `${day} < ${query.param(end, 'date')} + 1`,
  ]
  if (after !== null) {
    const [lastDay, lastId] = readToken(after, 2) as [string, string]
    const last = [query.param(lastDay, detections.typeOf(date)), query.param(lastId, detections.typeOf(id))]
    conditions.push(`(${order}) > (${last.join(', ')})`)
  }
  const rows = await readAll(
    database.query(
      query.write(
        `SELECT found.id, ${lots.columns}, found.day::text AS day`,
        `FROM (SELECT ${database.asId(columnOf('d', id))} AS id, ${day} AS day`,
        `  FROM ${detections.from} AS d WHERE ${conditions.join(' AND ')}`,
        `  ORDER BY ${order} LIMIT ${SEEDS_PER_PAGE}) AS found`,
        `LEFT JOIN ${lots.from} AS l ON ${columnOf('l', tables.lots.id)} = found.id::${lots.idType}`,
        `ORDER BY found.day, found.id COLLATE "C"`,
      ),
      { signal },
    ),
  )
  const last = rows.at(-1)
  const isFull = rows.length === SEEDS_PER_PAGE
  return {
    seeds: rows.map(toSeed),
    matched: [],
    next: last && isFull ? writeToken([String(last.day), String(last.id)]) : null,
  }
}

/**
 * The values of one resolve type that find each of some lots, by lot; in a fixed order.
 *
 * @param key where the mapping has the type, for messages
 */
export async function readValues(
  context: SqlContext,
  key: string,
  mapped: ResolveTable,
  ids: readonly string[],
  options: { isQuick?: boolean; signal: AbortSignal },
): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>()
  if (ids.length === 0) return found
  const { database } = context
  const finders = await openFinders(context, key, mapped, options.signal)
  const query = createQuery()
  const rows = await readAll(
    database.query(
      query.write(
        `SELECT asked.id::text AS id, ${columnOf('v', mapped.value)}::text AS value`,
        `FROM unnest(${query.param(ids, `${finders.typeOf(mapped.id)}[]`)}) AS asked(id)`,
        `JOIN ${finders.from} AS v ON ${columnOf('v', mapped.id)} = asked.id`,
        ...whereOf(query, finders, mapped),
        `ORDER BY ${sortable('v', mapped.value, finders.typeOf(mapped.value))}`,
      ),
      options,
    ),
  )
  for (const { id, value } of rows) {
    const values = found.get(String(id)) ?? []
    if (value !== null && !values.includes(String(value))) values.push(String(value))
    found.set(String(id), values)
  }
  return found
}

function openFinders({ catalog }: SqlContext, key: string, mapped: ResolveTable, signal: AbortSignal) {
  const { table, id, value, where } = mapped
  const columns = [id, value, ...Object.keys(where)]
  return catalog.open({ key, table, columns, ids: [id] }, signal)
}

function whereOf(query: ReturnType<typeof createQuery>, finders: Table, { where }: ResolveTable): string[] {
  return Object.entries(where).map(([column, value]) => {
    return `  AND ${columnOf('v', column)} = ${query.param(value, finders.typeOf(column))}`
  })
}

/** The table of lots, and what a seed has beside its id. */
async function openLots({ catalog, tables }: SqlContext, signal: AbortSignal) {
  const { table, id, name, lotId } = tables.lots
  const needs = { key: 'tables.lots', table, columns: [id, name, lotId], ids: [id] }
  const { from, typeOf } = await catalog.open(needs, signal)
  const columns = `${columnOf('l', name)} AS name, ${columnOf('l', lotId)} AS lot`
  return { from, columns, idType: typeOf(id) }
}

function toSeed({ id, name, lot }: SqlRow): SourceSeed {
  return { container_id: String(id), container_name: String(name ?? id), lot_id: String(lot ?? name ?? id) }
}

/** @throws {RangeError} for a token that no page gave */
function readPlace(token: string, values: readonly string[]): [position: number, id: string] {
  const [position, id] = readToken(token, 2) as [string, string]
  if (!/^\d{1,9}$/.test(position) || Number(position) >= values.length) {
    throw new RangeError(`No page of seeds ends at ${token}.`)
  }
  return [Number(position), id]
}
