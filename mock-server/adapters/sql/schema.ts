import {
  titleOf,
  type ColumnDescription,
  type ColumnKind,
  type SourceDescription,
} from '../../../src/protocol/index.js'
import { LOT_VALUES, readTables, type RowTable, type TablesInput } from './FactoryTables.js'
import { quoteName, quoteTable, quoteText } from './quote.js'

/** A column of the default layout. */
export interface SchemaColumn {
  name: string
  type: 'text' | 'bigint' | 'double precision' | 'boolean' | 'timestamp' | 'date'
  comment: string
  isNullable: boolean
}

/** A table of the default layout. */
export interface SchemaTable {
  name: string
  comment: string
  columns: SchemaColumn[]
  primaryKey: string[]
  /** The columns of each further index. */
  indexes: string[][]
}

/**
 * The default layout: the tables that a source reads when its mapping renames nothing.
 *
 * @param tables says by which columns lists are filtered, where the default rules do not
 */
export function describeSchema(description: SourceDescription, tables?: TablesInput): SchemaTable[] {
  const { domains, lists } = readTables(description, tables)
  const described = new Map(description.domains.map((domain) => [domain.name, domain]))

  return [
    LOTS,
    VALUES,
    LINEAGE,
    DETECTIONS,
    DEFECTS,
    ...[...domains].map(([name, table]): SchemaTable => ({
      ...rowsTable(name, table, 'The order of the rows of a lot'),
      primaryKey: ['container_id', 'row_no'],
      indexes: [],
    })),
    ...[...lists].map(([name, table]): SchemaTable => {
      const days = table.filters.filter(({ compare }) => compare !== 'equal').map(({ column }) => column)
      return {
        ...rowsTable(name, table, 'The order of the rows'),
        primaryKey: ['row_no'],
        indexes: [...new Set(days)].map((day) => [day]),
      }
    }),
  ]

  function rowsTable(domain: string, { table, columns }: RowTable, order: string) {
    const known = described.get(domain)
    return {
      name: table,
      comment: known ? titleOf(known, 'en') : domain,
      columns: [
        ...columns.map(({ name, column }): SchemaColumn => {
          if (column === LOT.name) return LOT
          return toColumn(
            column ?? name.toLowerCase(),
            known?.columns.find((each) => each.name === name),
          )
        }),
        needed('row_no', 'bigint', order),
      ],
    }
  }
}

/** What creates a table, with comments and without indexes, which are made quicker once it is filled. */
export function createTable({ name, comment, columns, primaryKey, indexes }: SchemaTable): string[] {
  const keys = [primaryKey, ...indexes].flat()
  const lines = columns.map((column) => {
    // Queries compare keys by their bytes: an index by the words of a language would be of no use to them.
    const collate = column.type === 'text' && keys.includes(column.name) ? ' COLLATE "C"' : ''
    return `  ${quoteName(column.name)} ${column.type}${collate}${column.isNullable ? '' : ' NOT NULL'}`
  })
  const key = `  PRIMARY KEY (${primaryKey.map(quoteName).join(', ')})`
  return [
    `CREATE TABLE ${quoteTable(name)} (\n${[...lines, key].join(',\n')}\n)`,
    `COMMENT ON TABLE ${quoteTable(name)} IS ${quoteText(comment)}`,
    ...columns.map((column) => {
      return `COMMENT ON COLUMN ${quoteTable(name)}.${quoteName(column.name)} IS ${quoteText(column.comment)}`
    }),
  ]
}

/** What creates the indexes of a table beside its primary key. */
export function createIndexes({ name, indexes }: SchemaTable): string[] {
  return indexes.map((columns) => {
    const index = `${name}_${columns.join('_')}`
    return `CREATE INDEX ${quoteName(index)} ON ${quoteTable(name)} (${columns.map(quoteName).join(', ')})`
  })
}

const TYPES: Record<ColumnKind, SchemaColumn['type']> = {
  id: 'text',
  text: 'text',
  quantity: 'double precision',
  rate: 'double precision',
  time: 'timestamp',
}

function toColumn(name: string, described: ColumnDescription | undefined): SchemaColumn {
  if (!described) return { ...text(name, name), isNullable: true }
  const title = titleOf(described, 'en')
  return {
    name,
    type: TYPES[described.kind],
    comment: described.unit ? `${title}, in ${described.unit}` : title,
    isNullable: true,
  }
}

function needed(name: string, type: SchemaColumn['type'], comment: string): SchemaColumn {
  return { name, type, comment, isNullable: false }
}

function text(name: string, comment: string): SchemaColumn {
  return needed(name, 'text', comment)
}

function orNull(column: SchemaColumn): SchemaColumn {
  return { ...column, isNullable: true }
}

const LOT = text('container_id', 'The lot')

const LOTS: SchemaTable = {
  name: 'lots',
  comment: 'Every lot once',
  columns: [
    text('container_id', 'Its id, which everything else names it by'),
    text('container_name', 'Its name for people'),
    text('lot_id', 'Its lot number'),
    orNull(text('mfgorder_name', 'The work order it was made under')),
    orNull(text('wafer_lot', 'The name of the wafer lot it was made from')),
    orNull(text('node_type', 'WAFER, GC, GA, GD or LOT')),
    orNull(text('product', 'Its product')),
    orNull(needed('is_rework', 'boolean', 'Whether it was made again')),
  ],
  primaryKey: ['container_id'],
  indexes: [],
}

const VALUES: SchemaTable = {
  name: LOT_VALUES.table,
  comment: 'Which value finds which lots',
  columns: [
    text('resolve_type', 'What the value is: lot_id, work_order, serial_number …'),
    text('value', 'The value'),
    LOT,
  ],
  primaryKey: ['resolve_type', 'value', 'container_id'],
  indexes: [['container_id', 'resolve_type']],
}

const LINEAGE: SchemaTable = {
  name: 'lineage',
  comment: 'Which lot was made of which',
  columns: [
    text('parent_id', 'The lot it was made of'),
    text('child_id', 'The lot that was made'),
    orNull(text('edge_type', 'split_from, merge_source, wafer_origin or gd_rework_source')),
  ],
  primaryKey: ['child_id', 'parent_id'],
  indexes: [['parent_id', 'child_id']],
}

const DETECTIONS: SchemaTable = {
  name: 'detections',
  comment: 'What was measured, once for each lot and station',
  columns: [
    LOT,
    text('station', 'The station'),
    needed('date', 'date', 'The day it was measured'),
    needed('input_qty', 'double precision', 'Pieces measured'),
  ],
  primaryKey: ['container_id', 'station'],
  indexes: [['station', 'date', 'container_id']],
}

const DEFECTS: SchemaTable = {
  name: 'detection_defects',
  comment: 'The defects that were found, by reason',
  columns: [
    LOT,
    text('station', 'The station'),
    text('reason', 'The reason'),
    needed('qty', 'double precision', 'Pieces with it'),
    needed('row_no', 'bigint', 'The order of its reasons'),
  ],
  primaryKey: ['container_id', 'station', 'row_no'],
  indexes: [],
}
