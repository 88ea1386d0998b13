import { fileWriter, ParquetWriter, type SchemaElement } from 'hyparquet-writer'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as v from 'valibot'
import type { SchemaColumn, SchemaTable } from '../adapters/sql/schema.js'
import type { FactoryTarget } from './FactoryTarget.js'
import type { Cell } from './readFamilyTables.js'

/** What says that a folder holds a factory, and how much of it. */
const STATE_FILE = 'factory.json'
const State = v.object({
  families: v.object({ first: v.number(), last: v.number() }),
  /** The first family that is not written. */
  next: v.number(),
})
type State = v.InferOutput<typeof State>

/**
 * A folder of Parquet files: one folder for each table, in it a file for each part of the factory, named by its
 * families. A lot's rows are together, and lots are in the order of their ids, so that a reader who looks for some lots
 * can pass over most row groups.
 */
export function createParquetTarget(folder: string, schema: readonly SchemaTable[]): FactoryTarget {
  const statePath = join(folder, STATE_FILE)
  let state: State

  async function save() {
    await writeFile(`${statePath}.partial`, `${JSON.stringify(state)}\n`)
    await rename(`${statePath}.partial`, statePath)
  }

  return {
    async open({ families, lots }) {
      await mkdir(folder, { recursive: true })
      if (existsSync(statePath)) {
        state = await readState(statePath)
        const { first, last } = state.families
        if (first !== families.first || last !== families.last) {
          throw new Error(
            `${folder} holds another part of the factory than ${lots} lots. Give the --lots it was begun with, or an empty folder.`,
          )
        }
        return state.next
      }
      const [other] = await readdir(folder)
      if (other) {
        throw new Error(
          `${folder} is not empty: it has ${other}, which is no factory's. Give an empty folder, or a new one.`,
        )
      }
      for (const { name } of schema) await mkdir(join(folder, name))
      state = { families, next: families.first }
      await save()
      return state.next
    },

    async writePart({ first, last }, groups) {
      const files = schema.map((table) =>
        openFile(table, join(folder, table.name, `families-${first}-${last}.parquet`)),
      )
      for await (const tables of groups) {
        for (const file of files) file.write(tables.get(file.table)!)
      }
      // Until its last file has its name, the part is written anew by the next run, under the same names.
      for (const file of files) await file.finish()
      state.next = last + 1
      await save()
    },

    async finish() {},
    async close() {},
  }
}

async function readState(path: string): Promise<State> {
  try {
    return v.parse(State, JSON.parse(await readFile(path, 'utf8')))
  } catch (cause) {
    throw new Error(`${path} cannot be read. Give an empty folder, or a new one.`, { cause })
  }
}

/** A file that has its name only when it is whole. Each write is a row group. */
function openFile({ name: table, columns }: SchemaTable, path: string) {
  const partial = `${path}.partial`
  const writer = new ParquetWriter({
    writer: fileWriter(partial),
    schema: [{ name: 'root', num_children: columns.length }, ...columns.map(toElement)],
    // Whole ids: what a reader passes over row groups by.
    statisticsTruncateLength: Infinity,
  })
  return {
    table,
    write(rows: readonly Cell[][]) {
      if (rows.length === 0) return
      const columnData = columns.map(({ name, type }, at) => {
        return { name, data: rows.map((row) => toValue(row[at]!, type)) }
      })
      void writer.write({ columnData, rowGroupSize: rows.length })
    },
    async finish() {
      await writer.finish()
      await rename(partial, path)
    },
  }
}

function toElement({ name, type, isNullable }: SchemaColumn): SchemaElement {
  return { name, repetition_type: isNullable ? 'OPTIONAL' : 'REQUIRED', ...ELEMENTS[type] }
}

const ELEMENTS: Record<SchemaColumn['type'], Omit<SchemaElement, 'name'>> = {
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  bigint: { type: 'INT64' },
  'double precision': { type: 'DOUBLE' },
  boolean: { type: 'BOOLEAN' },
  // Factory-local: of no time zone.
  timestamp: { type: 'INT64', logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: false, unit: 'MILLIS' } },
  date: { type: 'INT32', converted_type: 'DATE' },
}

function toValue(cell: Cell, type: SchemaColumn['type']): unknown {
  if (cell === null) return null
  if (type === 'bigint') return BigInt(cell)
  if (type === 'timestamp') return new Date(`${String(cell).replace(' ', 'T')}Z`)
  return type === 'date' ? new Date(`${cell}T00:00:00Z`) : cell
}
