import { createRequire } from 'node:module'
import type { ConnectionOptions } from 'node:tls'
import type Driver from 'pg'
import type { ClientBase, ClientConfig, CustomTypesConfig, Pool, PoolClient, PoolConfig } from 'pg'
import type DriverCursor from 'pg-cursor'
import { untilAborted } from '../../../src/async/abort.js'
import { quoteTable } from '../sql/quote.js'
import type { SqlDatabase, SqlRow } from '../sql/SqlDatabase.js'
import { cancelQuery, type Backend } from './cancelQuery.js'
import { readerOf } from './readValue.js'
import { tooLong, toSourceError } from './toSourceError.js'

/** Of what `pg.Pool` takes; named here, since users of the package need not have its types. */
export interface PostgresConnection {
  connectionString?: string
  host?: string
  port?: number
  database?: string
  user?: string
  /** A function is asked for each connection. */
  password?: string | (() => string | Promise<string>)
  ssl?: boolean | ConnectionOptions
  /** Settings of the session: `-c TimeZone=UTC`. */
  options?: string
  application_name?: string
  connectionTimeoutMillis?: number
  idleTimeoutMillis?: number
}

export interface PostgresOptions {
  /** `postgres://user:password@host/database`, or its parts. */
  connection: string | PostgresConnection
  /** Longest time the database may work on the next rows of a query; default 5 minutes. */
  statementTimeoutMs?: number
  /** Rows read at a time; default 5,000. */
  fetchSize?: number
  /** Connections of a worker for long queries; default 4, as many as it has in flight (`TRACE_SOURCE_CONCURRENCY`). */
  connections?: number
  /** Connections of their own for queries that an index answers; default 2. */
  quickConnections?: number
}

const CONNECT_TIMEOUT_MS = 10_000
/** How soon PostgreSQL sees that the worker of a query has died. */
const CHECK_CLIENT_MS = 1_000

/** As rows have them, whatever the driver would make of them. */
const TYPES = { getTypeParser: readerOf } as CustomTypesConfig

/** Where the base type of a domain stands for it, and lengths do not count, since a cast would cut by them. */
const COLUMNS = `
SELECT asked.position, a.attname AS name, CASE b.oid WHEN 'bpchar'::regtype THEN 'bpchar' ELSE b.oid::regtype::text END AS type
FROM unnest($1::text[]) WITH ORDINALITY AS asked(name, position)
JOIN pg_attribute AS a ON a.attrelid = to_regclass(asked.name) AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type AS t ON t.oid = a.atttypid
JOIN pg_type AS b ON b.oid = CASE t.typtype WHEN 'd' THEN t.typbasetype ELSE t.oid END`

/** PostgreSQL, and what speaks its protocol. */
export function createPostgresDatabase({
  connection,
  statementTimeoutMs = 300_000,
  fetchSize = 5_000,
  connections = 4,
  quickConnections = 2,
}: PostgresOptions): SqlDatabase {
  const { pg, Cursor } = loadDriver()
  const config = typeof connection === 'string' ? { connectionString: connection } : connection
  const { connectionTimeoutMillis = CONNECT_TIMEOUT_MS, ...rest } = config
  // The pool's own timeout would count the time that a query waits for its turn.
  class Client extends pg.Client {
    constructor(own?: ClientConfig) {
      super({ ...own, connectionTimeoutMillis })
      // A connection that is lost fails its query; without a listener it would end the process.
      this.on('error', () => {})
    }
  }

  function createPool(max: number): Pool {
    const pool = new pg.Pool({
      application_name: 'vue-trace-progress',
      keepAlive: true,
      ...rest,
      max,
      Client: Client as PoolConfig['Client'],
      onConnect: begin,
    })
    pool.on('error', () => {})
    return pool
  }

  /**
   * Rows, unless the database works on them for too long. Its own limit would count the time that a query waits for its
   * reader too.
   */
  async function withinTime<T>(reading: Promise<T>): Promise<T> {
    const late = new AbortController()
    const timer = setTimeout(() => late.abort(tooLong()), statementTimeoutMs)
    try {
      return await untilAborted(late.signal, reading)
    } finally {
      clearTimeout(timer)
    }
  }

  const long = createPool(connections)
  const quick = createPool(quickConnections)

  return {
    async *query({ text, params }, { isQuick = false, signal }) {
      const client = await checkOut(isQuick ? quick : long, signal)
      let isOver = false
      try {
        const cursor = client.query(new Cursor<SqlRow>(text, [...params], { types: TYPES }))
        while (!isOver) {
          const rows = await untilAborted(signal, withinTime(cursor.read(fetchSize)))
          if (rows.length > 0) yield rows
          signal.throwIfAborted()
          isOver = rows.length < fetchSize
        }
      } catch (cause) {
        const error = signal.aborted ? signal.reason : toSourceError(cause)
        if (signal.aborted || error.code === 'SOURCE_TIMEOUT') cancelQuery(client as unknown as Backend)
        throw error
      } finally {
        // In the middle of a query a connection is of no more use.
        client.release(!isOver)
      }
    },

    async describeTables(tables) {
      const types = new Map<string, Map<string, string>>()
      try {
        const { rows } = await quick.query<{ position: string; name: string; type: string }>(COLUMNS, [
          tables.map(quoteTable),
        ])
        for (const { position, name, type } of rows) {
          const table = tables[Number(position) - 1]!
          if (!types.has(table)) types.set(table, new Map())
          types.get(table)!.set(name, type)
        }
      } catch (cause) {
        throw toSourceError(cause)
      }
      return types
    },

    sayMissing: (table, key) => `The database has no table ${table}; create it, or map ${key} to another.`,

    asId: (expression) => `(${expression})::text COLLATE "default"`,

    async close() {
      await Promise.all([long.end(), quick.end()])
    },
  }
}

/** @throws {Error} which packages to install */
function loadDriver() {
  const require = createRequire(import.meta.url)
  try {
    return { pg: require('pg') as typeof Driver, Cursor: require('pg-cursor') as typeof DriverCursor }
  } catch (cause) {
    throw new Error('PostgreSQL needs the packages pg and pg-cursor: npm install pg pg-cursor', { cause })
  }
}

/** What every connection begins with. */
async function begin(client: ClientBase) {
  await client.query(
    `SELECT set_config('statement_timeout', '0', false), set_config('DateStyle', 'ISO, YMD', false),
      set_config('default_transaction_read_only', 'on', false)`,
  )
  // Not on every release and system. Without the first a query outlives a worker that was killed; the second compiles
  // for longer than most of our queries take.
  for (const setting of [`client_connection_check_interval = ${CHECK_CLIENT_MS}`, 'jit = off']) {
    await client.query(`SET ${setting}`).catch(() => {})
  }
}

/** A connection, or `signal.reason` at once on abort. */
async function checkOut(pool: Pool, signal: AbortSignal): Promise<PoolClient> {
  signal.throwIfAborted()
  const connecting = pool.connect()
  try {
    return await untilAborted(signal, connecting)
  } catch (cause) {
    void connecting.then(
      (client) => client.release(),
      () => {},
    )
    throw signal.aborted ? signal.reason : toSourceError(cause)
  }
}
