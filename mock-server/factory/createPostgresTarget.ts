import type { Client } from 'pg'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { quoteName } from '../adapters/sql/quote.js'
import { createIndexes, createTable, type SchemaColumn, type SchemaTable } from '../adapters/sql/schema.js'
import type { FactoryTarget } from './FactoryTarget.js'
import type { Cell } from './readFamilyTables.js'

/** One row: which families the tables are for, and the first one that is not written. */
const PROGRESS = 'factory_progress'
const ROWS_PER_CHUNK = 1_000

/**
 * Tables of the default layout in PostgreSQL, filled by COPY. Each part of the factory is one transaction with the
 * progress that counts it.
 */
export async function createPostgresTarget(
  url: string,
  schema: readonly SchemaTable[],
): Promise<FactoryTarget> {
  const [{ default: pg }, { from }] = await Promise.all([import('pg'), import('pg-copy-streams')]).catch(
    (cause) => {
      throw new Error('The drivers are missing. Install them: npm install pg pg-copy-streams', { cause })
    },
  )
  const client = new pg.Client({ connectionString: url })
  // The error of a lost connection is that of the query it ends.
  client.on('error', () => {})

  async function inTransaction(work: () => Promise<void>) {
    await client.query('BEGIN')
    try {
      await work()
      await client.query('COMMIT')
    } catch (cause) {
      await client.query('ROLLBACK').catch(() => {})
      throw cause
    }
  }

  return {
    async open({ families, lots }) {
      await client.connect().catch((cause) => {
        throw new Error(`The database is away: ${cause.message}. Check the address and that it runs.`, {
          cause,
        })
      })
      const found = await findColumns(client, [PROGRESS, ...schema.map(({ name }) => name)])
      if (found.has(PROGRESS)) {
        const { rows } = await client.query(`SELECT * FROM ${PROGRESS}`)
        const [progress] = rows
        if (progress?.first !== families.first || progress.last !== families.last) {
          throw new Error(
            `The database holds another part of the factory than ${lots} lots. ` +
              'Give the --lots it was begun with, or an empty database.',
          )
        }
        for (const table of schema) checkTable(table, found)
        return progress.next
      }
      const [taken] = found.keys()
      if (taken !== undefined) {
        throw new Error(
          `The database has a table ${taken} already, which is no factory's. Give an empty database.`,
        )
      }
      await inTransaction(async () => {
        for (const table of schema) for (const statement of createTable(table)) await client.query(statement)
        await client.query(`CREATE TABLE ${PROGRESS} (first integer, last integer, next integer)`)
        await client.query(`INSERT INTO ${PROGRESS} VALUES ($1, $2, $1)`, [families.first, families.last])
      })
      return families.first
    },

    async writePart({ last }, groups) {
      await inTransaction(async () => {
        for await (const tables of groups) {
          for (const { name, columns } of schema) {
            const list = columns.map((column) => quoteName(column.name)).join(', ')
            const copy = client.query(from(`COPY ${quoteName(name)} (${list}) FROM STDIN`))
            await pipeline(Readable.from(copyLines(tables.get(name)!)), copy)
          }
        }
        await client.query(`UPDATE ${PROGRESS} SET next = $1`, [last + 1])
      })
    },

    async finish() {
      for (const table of schema) {
        for (const statement of createIndexes(table)) {
          await client.query(statement.replace('CREATE INDEX', 'CREATE INDEX IF NOT EXISTS'))
        }
        await client.query(`ANALYZE ${quoteName(table.name)}`)
      }
    },

    close: () => client.end(),
  }
}

/** The columns of those tables that are there. */
async function findColumns(client: Client, names: readonly string[]): Promise<Map<string, string[]>> {
  const { rows } = await client.query<{ table_name: string; column_name: string }>(
    `SELECT table_name, column_name FROM information_schema.columns
     WHERE table_schema = current_schema() AND table_name = ANY($1) ORDER BY table_name, ordinal_position`,
    [names],
  )
  const found = new Map<string, string[]>()
  for (const { table_name, column_name } of rows) {
    found.set(table_name, [...(found.get(table_name) ?? []), column_name])
  }
  return found
}

/** @throws {Error} when a table has other columns than the layout */
function checkTable({ name, columns }: SchemaTable, found: ReadonlyMap<string, readonly string[]>) {
  const has = found.get(name) ?? []
  const missing = columns.find((column: SchemaColumn) => !has.includes(column.name))
  if (!missing) return
  throw new Error(
    `Table ${name} has no column ${missing.name}: it was made by another version. Give an empty database.`,
  )
}

/** Rows in the text format of COPY. */
function* copyLines(rows: readonly Cell[][]): Generator<string> {
  for (let at = 0; at < rows.length; at += ROWS_PER_CHUNK) {
    yield rows
      .slice(at, at + ROWS_PER_CHUNK)
      .map((row) => `${row.map(copyText).join('\t')}\n`)
      .join('')
  }
}

const ESCAPES: Record<string, string> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' }

function copyText(cell: Cell): string {
  if (cell === null) return '\\N'
  return typeof cell === 'string'
    ? cell.replace(/[\\\t\n\r]/g, (character) => ESCAPES[character]!)
    : String(cell)
}
