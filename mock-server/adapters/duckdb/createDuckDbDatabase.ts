import type Driver from '@duckdb/node-api'
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { randomUUID } from 'node:crypto'
import { statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sleep } from '../../../src/async/clock.js'
import { untilAborted } from '../../../src/async/abort.js'
import type { SqlDatabase, SqlQuery } from '../sql/SqlDatabase.js'
import type { ColumnTypes } from './columnTypes.js'
import { findFiles } from './findFiles.js'
import { openTable } from './openTable.js'
import { createChunkReader } from './readChunk.js'
import { toSourceError } from './toSourceError.js'

export interface DuckDbOptions {
  /** Where the files are. */
  folder: string
  /** Memory that DuckDB may take of the process, beside what rows take; default 256. */
  memoryLimitMb?: number
  /** Threads of all its queries together; default 2. */
  threads?: number
}

/** An interrupt before a query has really begun is lost, so that it is sent again. */
const INTERRUPT_EVERY_MS = 10

/**
 * DuckDB over a folder of files, in this process. Nothing is read before something is asked.
 *
 * @param types what columns are where a file does not say
 * @param copied tables that are walked through again and again: the first question copies them
 */
export function createDuckDbDatabase(
  { folder, memoryLimitMb = 256, threads = 2 }: DuckDbOptions,
  types: ColumnTypes,
  copied: ReadonlySet<string>,
): SqlDatabase {
  const driver = loadDriver()
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new Error(`There is no folder ${folder}; write a factory there, or name another folder.`)
  }
  let opening: Promise<DuckDBInstance> | null = null
  /** Why tables could not be opened. */
  let problems = new Map<string, string>()

  async function open(): Promise<DuckDBInstance> {
    const instance = await driver.DuckDBInstance.create(':memory:', {
      memory_limit: `${memoryLimitMb}MB`,
      threads: String(threads),
      // Where it puts what is more than its memory.
      temp_directory: join(tmpdir(), `trace-duckdb-${randomUUID()}`),
      // What is not in the package stays out: nothing is downloaded.
      autoinstall_known_extensions: 'false',
    })
    const connection = await instance.connect()
    await connection.run('SET GLOBAL parquet_metadata_cache = true')
    connection.closeSync()
    return instance
  }

  async function connect(): Promise<DuckDBConnection> {
    opening ??= open()
    try {
      return await (await opening).connect()
    } catch (cause) {
      // The next question tries again.
      opening = null
      throw toSourceError(cause)
    }
  }

  return {
    async *query(query, { signal }) {
      signal.throwIfAborted()
      const connection = await connect()
      let working: Promise<unknown> = Promise.resolve()
      const wait = <T>(promise: Promise<T>): Promise<T> => {
        working = promise
        return untilAborted(signal, promise)
      }
      try {
        const result = await wait(connection.stream(query.text, ...bind(driver, query)))
        const read = createChunkReader(result.columnNames(), result.columnTypes())
        for (;;) {
          const chunk = await wait(result.fetchChunk())
          if (!chunk || chunk.rowCount === 0) break
          yield read(chunk)
          signal.throwIfAborted()
        }
      } catch (cause) {
        throw signal.aborted ? signal.reason : toSourceError(cause)
      } finally {
        void end(connection, working)
      }
    },

    async describeTables(tables) {
      const described = new Map<string, Map<string, string>>()
      problems = new Map()
      const connection = await connect()
      for (const table of tables) {
        try {
          const files = findFiles(folder, table)
          if (!files) continue
          const as = copied.has(table) ? 'TABLE' : 'VIEW'
          described.set(table, await openTable(connection, table, files, types.get(table) ?? new Map(), as))
        } catch (cause) {
          // Other tables can be asked all the same.
          problems.set(table, toSourceError(cause).message)
        }
      }
      connection.closeSync()
      return described
    },

    sayMissing: (table, key) =>
      problems.get(table) ??
      `${folder} has no ${table}.parquet, ${table}.csv or ${table}.ndjson, and no folder ${table} of such files; ` +
        `write it, or map ${key} to another.`,

    asId: (expression) => expression,

    async close() {
      const instance = await opening
      opening = null
      instance?.closeSync()
    },
  }
}

/** Interrupts what a connection does, until it does nothing any more, and closes it. */
async function end(connection: DuckDBConnection, working: Promise<unknown>) {
  let isOver = false
  const over = working.catch(() => {}).then(() => (isOver = true))
  while (!isOver) {
    connection.interrupt()
    await Promise.race([over, sleep(INTERRUPT_EVERY_MS)])
  }
  connection.closeSync()
}

function bind({ listValue, LIST, VARCHAR, DOUBLE }: typeof Driver, { params }: SqlQuery) {
  const values = params.map((param) => (typeof param === 'object' ? listValue([...param]) : param))
  const types = params.map((param) => {
    return typeof param === 'object' ? LIST(VARCHAR) : typeof param === 'number' ? DOUBLE : VARCHAR
  })
  return [values, types] as const
}

/** @throws {Error} which package to install */
function loadDriver(): typeof Driver {
  try {
    return createRequire(import.meta.url)('@duckdb/node-api') as typeof Driver
  } catch (cause) {
    throw new Error('DuckDB needs the package @duckdb/node-api: npm install @duckdb/node-api', { cause })
  }
}
