import * as v from 'valibot'
import { SourceDescription } from '../../src/protocol/index.js'
import { readTables, SYNTHETIC_TABLES } from '../adapters/sql/FactoryTables.js'
import { describeSchema } from '../adapters/sql/schema.js'
import { createFactory, type FamilyRange, type Lot } from '../adapters/synthetic/createFactory.js'
import { describeFactory } from '../adapters/synthetic/describe.js'
import { detect } from '../adapters/synthetic/detect.js'
import { createTimeFormat, readDay } from '../adapters/synthetic/factoryTime.js'
import { valuesOfLot } from '../adapters/synthetic/lotValues.js'
import { addStops } from '../adapters/synthetic/readDowntime.js'
import { ROWS_BY_DOMAIN } from '../adapters/synthetic/rows/rowsByDomain.js'
import { edgesTo, toNode } from '../adapters/synthetic/traceLineage.js'
import { toLot } from '../adapters/synthetic/lotNames.js'
import type { Row } from '../ports/index.js'
import { LAST_DAY } from './planFactory.js'

export type Cell = string | number | boolean | null
/** By table, rows with the cells of its columns. */
export type TableRows = ReadonlyMap<string, Cell[][]>

const DAY = 86_400
/** More stops than a day has: the number of a row is its day, then its place there. */
const STOPS_PER_DAY = 100_000

/** Reads what the tables of the default layout hold of some families; all families together give the whole factory. */
export function createFamilyReader(families: FamilyRange) {
  const factory = createFactory(1, families)
  const context = { catalogue: factory.catalogue, formatTime: createTimeFormat() }
  const description = v.parse(SourceDescription, describeFactory())
  const schema = describeSchema(description, SYNTHETIC_TABLES)
  const { domains, lists, resolve } = readTables(description, SYNTHETIC_TABLES)
  const columnsOf = new Map(schema.map(({ name, columns }) => [name, columns.map((column) => column.name)]))

  /** @throws {RangeError} for a family that is not in the plan */
  function read({ first, last }: FamilyRange): TableRows {
    const tables = new Map<string, Cell[][]>(schema.map(({ name }) => [name, []]))
    for (let index = first; index <= last; index++) {
      const family = factory.family(index)
      if (!family) throw new RangeError(`Family ${index} is not in the plan.`)
      for (let place = 0; place < family.size; place++) addLot(toLot(family, place), tables)
      for (const day of daysOf(index)) addDay(day, tables)
    }
    return tables
  }

  function addLot(lot: Lot, tables: Map<string, Cell[][]>) {
    const put = (table: string, record: Record<string, Cell>) => {
      tables.get(table)!.push(columnsOf.get(table)!.map((column) => record[column]!))
    }
    const { family, place, id } = lot
    const node = toNode(lot)
    const stations = new Set(family.routes[family.layers[place]!]!.map(({ group }) => group))
    put('lots', {
      ...node,
      lot_id: node.container_name,
      product: family.product.name,
      is_rework: node.node_type === 'GD',
    })
    for (const type of resolve.keys()) {
      for (const value of valuesOfLot(lot, type)) {
        put('lot_values', { resolve_type: type, value, container_id: id })
      }
    }
    for (const { from_cid, to_cid, edge_type } of edgesTo(lot)) {
      put('lineage', { parent_id: from_cid, child_id: to_cid, edge_type })
    }
    for (const station of stations) {
      const found = detect(lot, station)
      if (!found) continue
      put('detections', { container_id: id, station, date: found.date, input_qty: found.inputQty })
      for (const [row_no, { reason, qty }] of found.defects.entries()) {
        put('detection_defects', { container_id: id, station, reason, qty, row_no })
      }
    }
    for (const [domain, addRows] of Object.entries(ROWS_BY_DOMAIN)) {
      const rows: Row[] = []
      addRows(lot, context, rows)
      addRowsOf(domain, rows, 0, tables)
    }
  }

  function addDay(day: number, tables: Map<string, Cell[][]>) {
    const rows: Row[] = []
    addStops(context, day, null, rows)
    addRowsOf('downtime', rows, (day / DAY) * STOPS_PER_DAY, tables)
  }

  /** Rows have the columns of the description and then their number. */
  function addRowsOf(domain: string, rows: readonly Row[], firstNo: number, tables: Map<string, Cell[][]>) {
    const { table, columns } = (domains.get(domain) ?? lists.get(domain))!
    for (const [i, row] of rows.entries()) {
      tables.get(table)!.push([...columns.map(({ name }) => row[name] ?? null), firstNo + i])
    }
  }

  /** The days that go with a family: those that begin between its start and that of the family before. */
  function daysOf(index: number): number[] {
    const startDay = (family: number) => Math.floor(factory.family(family)!.startSeconds / DAY) * DAY
    const from = index === families.first ? startDay(index) : startDay(index - 1) + DAY
    const to = index === families.last ? readDay(LAST_DAY) : startDay(index)
    const days: number[] = []
    for (let day = from; day <= to; day += DAY) days.push(day)
    return days
  }

  return { schema, read }
}
