import * as v from 'valibot'
import type {
  ColumnDescription,
  ParamDescription,
  ProfileDescription,
  SourceDescription,
} from '../../../src/protocol/index.js'

/**
 * Where a SQL source finds what a question needs. Tables and columns are written as the database has them; a table may
 * be `schema.table`. What is left out has the default layout, which `schema.ts` creates:
 *
 * - a lot's id is text and stands in `container_id`; rows show it as `CONTAINERID`;
 * - a domain's table has the domain's name, and its columns the description's names in lower case;
 * - `row_no` is the order of a lot's rows, or of all rows where a domain has no lots.
 *
 * A column that may be `null` is one that the factory need not have: its values are then null.
 */

const Name = v.pipe(v.string(), v.trim(), v.nonEmpty('a name'), v.maxLength(200, 'at most 200 characters'))
const Order = v.pipe(v.array(Name), v.nonEmpty('at least one column'))
const Columns = v.optional(v.record(v.string(), v.nullable(Name)), {})
const column = (name: string) => v.optional(Name, name)
const columnOrNone = (name: string) => v.optional(v.nullable(Name), name)

/** Every lot once. */
const Lots = v.strictObject({
  table: column('lots'),
  id: column('container_id'),
  name: column('container_name'),
  lotId: column('lot_id'),
  mfgOrder: columnOrNone('mfgorder_name'),
  /** The name of the wafer lot it was made from: its root. */
  waferLot: columnOrNone('wafer_lot'),
  /** `WAFER`, `GC`, `GA`, `GD`, `LOT`. */
  nodeType: columnOrNone('node_type'),
  product: columnOrNone('product'),
  /** A boolean, or text such as `Y`. */
  isRework: columnOrNone('is_rework'),
})

/** Which value finds which lot, for one resolve type. `where`: only rows with these values. */
const Resolve = v.strictObject({
  table: Name,
  value: Name,
  id: Name,
  where: v.optional(v.record(Name, v.string()), {}),
})

/** Parents and children, one row each. */
const Lineage = v.strictObject({
  table: column('lineage'),
  parent: column('parent_id'),
  child: column('child_id'),
  /** `split_from`, `merge_source`, `wafer_origin`, `gd_rework_source`. */
  edgeType: columnOrNone('edge_type'),
})

/** Rows of lots. `order`: columns that put the rows of one lot in an order that never changes. */
const Domain = v.strictObject({
  table: v.optional(Name),
  id: column('container_id'),
  columns: Columns,
  order: v.optional(Order, ['row_no']),
})

/** `from` and `to`: the days of a time, both inclusive. */
const Filter = v.strictObject({
  column: Name,
  compare: v.optional(v.picklist(['equal', 'from', 'to'])),
})

/** Rows without lots. `order`: columns without nulls that put all rows in one order; no two rows have the same values. */
const List = v.strictObject({
  table: v.optional(Name),
  columns: Columns,
  order: v.optional(Order, ['row_no']),
  /** By param of the profile. */
  filters: v.optional(v.record(v.string(), Filter), {}),
})

/** What was measured, one row for each lot and station. */
const Detections = v.strictObject({
  table: column('detections'),
  id: column('container_id'),
  station: column('station'),
  date: column('date'),
  inputQty: column('input_qty'),
})

/** The defects among it, by reason. */
const Defects = v.strictObject({
  table: column('detection_defects'),
  id: column('container_id'),
  station: column('station'),
  reason: column('reason'),
  qty: column('qty'),
  order: v.optional(Order, ['row_no']),
})

const Mapping = v.strictObject({
  lots: v.optional(Lots, {}),
  /** By resolve type. */
  resolve: v.optional(v.record(v.string(), Resolve), {}),
  lineage: v.optional(Lineage, {}),
  /** The resolve type of serial numbers: what was packed from a lot has them. `null`: there are none. */
  serials: columnOrNone('serial_number'),
  /** By domain of lots. */
  domains: v.optional(v.record(v.string(), Domain), {}),
  /** By domain of profiles that have events alone. */
  lists: v.optional(v.record(v.string(), List), {}),
  detections: v.optional(Detections, {}),
  defects: v.optional(Defects, {}),
})

/** As it is written in a config: what differs from the default layout. */
export type TablesInput = v.InferInput<typeof Mapping>

export type ResolveTable = v.InferOutput<typeof Resolve>
export interface RowTable {
  table: string
  /** Of each column in the rows the database's own; `null`: there is none. */
  columns: { name: string; column: string | null }[]
  order: string[]
}
export interface DomainTable extends RowTable {
  id: string
}
export interface ListFilter {
  param: string
  column: string
  compare: 'equal' | 'from' | 'to'
}
export interface ListTable extends RowTable {
  filters: ListFilter[]
}

/** The mapping with everything filled in. */
export interface FactoryTables {
  lots: v.InferOutput<typeof Lots>
  resolve: ReadonlyMap<string, ResolveTable>
  lineage: v.InferOutput<typeof Lineage>
  serials: ResolveTable | null
  domains: ReadonlyMap<string, DomainTable>
  lists: ReadonlyMap<string, ListTable>
  detections: v.InferOutput<typeof Detections>
  defects: v.InferOutput<typeof Defects>
}

/** The column that says whose row it is, in the rows of every domain of lots. */
export const ROW_ID = 'CONTAINERID'

/** What the default layout has for the synthetic factory and its rules do not tell: where a station is found. */
export const SYNTHETIC_TABLES: TablesInput = {
  lists: { downtime: { filters: { station: { column: 'workcenter_group' } } } },
}

/**
 * Fills in a mapping for what is described.
 *
 * @throws {Error} one sentence for each mistake, with the key it stands at
 */
export function readTables(description: SourceDescription, input: TablesInput = {}): FactoryTables {
  const read = v.safeParse(Mapping, input)
  if (!read.success) {
    const mistakes = read.issues.map((issue) => `tables.${v.getDotPath(issue) ?? ''}: ${issue.message}`)
    throw new Error(mistakes.join('\n'))
  }
  const mapping = read.output
  const problems: string[] = []
  const { profiles } = description
  const described = new Map(description.domains.map(({ name, columns }) => [name, columns]))

  const lists = new Map<string, ListTable>()
  const ofLots = new Set(profiles.filter(isOfLots).flatMap(domainsOf))
  for (const profile of profiles) {
    if (!isOfLots(profile)) {
      for (const name of domainsOf(profile)) lists.set(name, readList(name, paramsOf(name)))
    } else if (profile.params.length > 0) {
      problems.push(
        `Profile ${profile.name} has seeds and params of its own, which no mapping can filter by. ` +
          'Leave the params out, or write a resolveSeeds of your own.',
      )
    }
  }
  const domains = new Map<string, DomainTable>()
  for (const name of described.keys()) {
    if (ofLots.has(name) || !lists.has(name)) domains.set(name, readDomain(name))
  }
  const resolve = new Map<string, ResolveTable>()
  for (const { seeds } of profiles) {
    for (const { value: type } of seeds?.types ?? []) resolve.set(type, resolveTable(type))
  }
  reportUnknown('domains', domains)
  reportUnknown('lists', lists)
  if (problems.length > 0) throw new Error(problems.join('\n'))

  const serials = mapping.serials === null ? null : resolveTable(mapping.serials)
  return { ...mapping, resolve, serials, domains, lists }

  /** Params of all profiles that ask for a domain without lots; each filters where it is given. */
  function paramsOf(domain: string): ParamDescription[] {
    const params = profiles
      .filter((profile) => !isOfLots(profile) && domainsOf(profile).includes(domain))
      .flatMap((profile) => profile.params)
    return [...new Map(params.map((param) => [param.name, param])).values()]
  }

  function resolveTable(type: string): ResolveTable {
    return mapping.resolve[type] ?? { ...LOT_VALUES, where: { resolve_type: type } }
  }

  function readDomain(name: string): DomainTable {
    const { table = name, id, columns: renamed, order } = mapping.domains[name] ?? v.parse(Domain, {})
    const columns = columnsOf('domains', name, renamed).map((each) => {
      return each.name === ROW_ID ? { name: ROW_ID, column: id } : each
    })
    if (!columns.some((each) => each.name === ROW_ID)) columns.unshift({ name: ROW_ID, column: id })
    return { table, id, order, columns }
  }

  function readList(name: string, params: readonly ParamDescription[]): ListTable {
    const { table = name, columns: renamed, order, filters } = mapping.lists[name] ?? v.parse(List, {})
    const columns = columnsOf('lists', name, renamed)
    const columnOf = (isIt: (column: ColumnDescription) => boolean) => {
      const found = described.get(name)?.find(isIt)
      return columns.find((each) => each.name === found?.name)?.column
    }
    return { table, order, columns, filters: params.flatMap(filterOf) }

    /** `from` and `to` are days of the first time, and any other param is the column of its name. */
    function filterOf({ name: param }: ParamDescription): ListFilter[] {
      const isDay = param === 'from' || param === 'to'
      const column =
        filters[param]?.column ??
        columnOf((each) => (isDay ? each.kind === 'time' : each.name.toLowerCase() === param.toLowerCase()))
      if (column) return [{ param, column, compare: filters[param]?.compare ?? (isDay ? param : 'equal') }]
      problems.push(`tables.lists.${name}.filters.${param}: say which column it filters.`)
      return []
    }
  }

  function columnsOf(
    key: 'domains' | 'lists',
    domain: string,
    renamed: Record<string, string | null>,
  ): RowTable['columns'] {
    const names = described.get(domain)?.map(({ name }) => name) ?? []
    for (const name of Object.keys(renamed)) {
      if (!names.includes(name)) {
        problems.push(`tables.${key}.${domain}.columns.${name}: the description has no such column.`)
      }
    }
    return names.map((name) => {
      return { name, column: renamed[name] === undefined ? name.toLowerCase() : renamed[name] }
    })
  }

  function reportUnknown(key: 'domains' | 'lists', known: ReadonlyMap<string, RowTable>) {
    for (const name of Object.keys(mapping[key])) {
      if (!known.has(name)) problems.push(`tables.${key}.${name}: the description has no such domain.`)
    }
  }
}

/** The default layout's table of what finds a lot. */
export const LOT_VALUES = { table: 'lot_values', value: 'value', id: 'container_id' } as const

/** Whether a profile asks about lots; else it asks for rows by params alone. */
function isOfLots({ stages }: ProfileDescription): boolean {
  return stages.includes('seeds')
}

function domainsOf({ domains }: ProfileDescription): string[] {
  return Array.isArray(domains) ? domains : [...domains.backward, ...domains.forward]
}
