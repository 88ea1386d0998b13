import type { ColumnKind, SourceDescription } from '../../../src/protocol/index.js'
import type { FactoryTables } from '../sql/FactoryTables.js'

/** Types by column, by table: what a file's columns are read as, where the file itself does not say. */
export type ColumnTypes = ReadonlyMap<
  string,
  ReadonlyMap<string, 'VARCHAR' | 'DOUBLE' | 'TIMESTAMP' | 'DATE'>
>
type Type = 'VARCHAR' | 'DOUBLE' | 'TIMESTAMP' | 'DATE'

const OF_KINDS: Record<ColumnKind, Type> = {
  id: 'VARCHAR',
  text: 'VARCHAR',
  quantity: 'DOUBLE',
  rate: 'DOUBLE',
  time: 'TIMESTAMP',
}

/** What the mapping and the description say: ids are text, even those that look like numbers. */
export function columnTypes(tables: FactoryTables, { domains: described }: SourceDescription): ColumnTypes {
  const { lots, resolve, lineage, serials, detections, defects, domains, lists } = tables
  const types = new Map<string, Map<string, Type>>()
  function put(table: string, type: Type, columns: readonly (string | null)[]) {
    const known = types.get(table) ?? new Map<string, Type>()
    types.set(table, known)
    for (const column of columns) if (column !== null && !known.has(column)) known.set(column, type)
  }

  const { id, name, lotId, mfgOrder, waferLot, nodeType, product } = lots
  put(lots.table, 'VARCHAR', [id, name, lotId, mfgOrder, waferLot, nodeType, product])
  for (const finder of [...resolve.values(), ...(serials ? [serials] : [])]) {
    put(finder.table, 'VARCHAR', [finder.id, finder.value, ...Object.keys(finder.where)])
  }
  put(lineage.table, 'VARCHAR', [lineage.parent, lineage.child, lineage.edgeType])
  put(detections.table, 'VARCHAR', [detections.id, detections.station])
  put(detections.table, 'DATE', [detections.date])
  put(detections.table, 'DOUBLE', [detections.inputQty])
  put(defects.table, 'VARCHAR', [defects.id, defects.station, defects.reason])
  put(defects.table, 'DOUBLE', [defects.qty])
  for (const { id: owner, table } of domains.values()) put(table, 'VARCHAR', [owner])
  for (const [domain, { table, columns }] of [...domains, ...lists]) {
    const kinds = new Map(
      described.find(({ name: each }) => each === domain)?.columns.map((c) => [c.name, c.kind]),
    )
    for (const { name: each, column } of columns) {
      const kind = kinds.get(each)
      if (kind) put(table, OF_KINDS[kind], [column])
    }
  }
  return types
}
