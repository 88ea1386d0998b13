import { getEventListeners } from 'node:events'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { startForwarder } from '../../testing/startForwarder.js'
import {
  describeWithPostgres,
  startTestPostgres,
  type TestPostgres,
} from '../../testing/startTestPostgres.js'
import { readAll, type SqlDatabase } from '../sql/SqlDatabase.js'
import { createPostgresDatabase, type PostgresOptions } from './createPostgresDatabase.js'

const { signal } = new AbortController()
const SLOW = { text: 'SELECT pg_sleep(600)', params: [] }

describeWithPostgres('queries to PostgreSQL', () => {
  let postgres: TestPostgres
  let opened: SqlDatabase[] = []

  function open(options: Partial<PostgresOptions> = {}): SqlDatabase {
    const database = createPostgresDatabase({ connection: postgres.url, ...options })
    opened.push(database)
    return database
  }

  const valueOf = async (database: SqlDatabase, expression: string, params: string[] = []) => {
    const [row] = await readAll(database.query({ text: `SELECT ${expression} AS value`, params }, { signal }))
    return row!.value
  }

  /** Waits until the database works on so many statements of ours, other than this. */
  async function untilAtWork(count: number) {
    const atWork = () =>
      postgres.rows(
        `SELECT query FROM pg_stat_activity
          WHERE state = 'active' AND backend_type = 'client backend' AND pid <> pg_backend_pid()`,
      )
    await expect.poll(atWork, { interval: 20, timeout: 20_000 }).toHaveLength(count)
  }

  beforeAll(async () => {
    postgres = await startTestPostgres()
  })
  afterEach(async () => {
    for (const database of opened) await database.close()
    opened = []
  })
  afterAll(async () => {
    await postgres?.remove()
  })

  it.each([
    ["timestamp '2026-03-01 08:15:00.25'", '2026-03-01 08:15:00'],
    ["timestamptz '2026-03-01 08:15:00+08'", '2026-03-01 00:15:00'],
    ["date '2026-03-01'", '2026-03-01 00:00:00'],
    ['true', 'Y'],
    ['false', 'N'],
    ['7::smallint', 7],
    ['9007199254740991::bigint', 9_007_199_254_740_991],
    ['9007199254740993::bigint', '9007199254740993'],
    ['12.340::numeric', 12.34],
    ['-0.5::numeric', -0.5],
    ['123456789012345678901::numeric', '123456789012345678901'],
    ['0.1234567890123456789::numeric', '0.1234567890123456789'],
    ['9007199254740991::numeric', 9_007_199_254_740_991],
    ['0.1::float8', 0.1],
    ["'NaN'::float8", 'NaN'],
    ["'NaN'::numeric", 'NaN'],
    ['NULL', null],
    ['\'批號 "甲"\'', '批號 "甲"'],
    ['\'{"a": 1}\'::jsonb', '{"a": 1}'],
  ])('reads %s as %j', async (expression, value) => {
    const database = open({ connection: { connectionString: postgres.url, options: '-c TimeZone=UTC' } })
    expect(await valueOf(database, expression)).toBe(value)
  })

  it('sends values as values, whatever is in them', async () => {
    const nasty = `'; DROP TABLE lots; -- "\\ 甲`
    expect(await valueOf(open(), '$1::text', [nasty])).toBe(nasty)
  })

  it('cannot write', async () => {
    const query = { text: 'CREATE TABLE mine (id text)', params: [] }
    await expect(readAll(open().query(query, { signal }))).rejects.toThrow()
  })

  it('ends a statement on the server when it is aborted', async () => {
    const controller = new AbortController()
    const reading = readAll(open().query(SLOW, { signal: controller.signal }))
    reading.catch(() => {})
    await untilAtWork(1)
    // Many queries share a signal, and Node warns of more than ten listeners.
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(1)
    controller.abort(new Error('nobody waits'))
    await expect(reading).rejects.toThrow('nobody waits')
    await untilAtWork(0)
    await expect.poll(() => getEventListeners(controller.signal, 'abort')).toHaveLength(0)
  })

  it('answers others after an abort, with as many connections as before', async () => {
    const database = open({ connections: 1 })
    for (let round = 0; round < 3; round++) {
      const controller = new AbortController()
      const reading = readAll(database.query(SLOW, { signal: controller.signal }))
      reading.catch(() => {})
      await untilAtWork(1)
      // Waits behind it, and is aborted there.
      const waiting = readAll(database.query(SLOW, { signal: controller.signal }))
      waiting.catch(() => {})
      controller.abort(new Error('nobody waits'))
      await expect(waiting).rejects.toThrow('nobody waits')
      expect(await valueOf(database, '1')).toBe(1)
    }
    await untilAtWork(0)
  })

  it('has ended a statement that nobody reads to its end', async () => {
    const database = open({ connections: 1, fetchSize: 10 })
    const many = { text: 'SELECT g FROM generate_series(1, 100000) AS g', params: [] }
    for await (const page of database.query(many, { signal })) {
      expect(page).toHaveLength(10)
      break
    }
    expect(await valueOf(database, '1')).toBe(1)
  })

  it('lets quick queries pass long ones', async () => {
    const controller = new AbortController()
    const database = open({ connections: 1, quickConnections: 1 })
    const long = readAll(database.query(SLOW, { signal: controller.signal }))
    long.catch(() => {})
    await untilAtWork(1)
    const quick = database.query({ text: 'SELECT 1 AS one', params: [] }, { isQuick: true, signal })
    expect(await readAll(quick)).toEqual([{ one: 1 }])
    controller.abort()
    await untilAtWork(0)
  })

  it('leaves no statement behind when its process dies', async () => {
    const forwarder = await startForwarder(postgres.port)
    const database = open({ connection: `postgres://postgres@127.0.0.1:${forwarder.port}/postgres` })
    const reading = readAll(database.query(SLOW, { signal }))
    reading.catch(() => {})
    await untilAtWork(1)
    // Its sockets close, and no cancel is sent.
    await forwarder.close()
    await expect(reading).rejects.toMatchObject({ code: 'SOURCE_UNAVAILABLE' })
    await untilAtWork(0)
  })

  it('ends what takes too long, and says so', async () => {
    const database = open({ statementTimeoutMs: 50 })
    await expect(readAll(database.query(SLOW, { signal }))).rejects.toMatchObject({
      code: 'SOURCE_TIMEOUT',
      message: 'A query took the database longer than it may.',
    })
    await untilAtWork(0)
  })

  it('does not count the time that a query waits for its reader', async () => {
    const database = open({ statementTimeoutMs: 400, fetchSize: 1 })
    const query = { text: 'SELECT n::text AS n FROM generate_series(1, 3) AS n', params: [] }
    const found: unknown[] = []
    for await (const [row] of database.query(query, { signal })) {
      found.push(row?.n)
      await new Promise((resolve) => setTimeout(resolve, 300))
    }
    expect(found).toEqual(['1', '2', '3'])
  })

  it('says what refuses it, without its password', async () => {
    await postgres.run(
      'CREATE TABLE secrets (id text)',
      "CREATE ROLE reader LOGIN PASSWORD 'hush'",
      'CREATE ROLE nobody NOLOGIN',
    )
    const as = (user: string, name = 'postgres') =>
      `postgres://${user}:hush@127.0.0.1:${postgres.port}/${name}`
    const refusals: [connection: string, text: string, code: string, message: string][] = [
      [as('reader'), 'SELECT id FROM secrets', 'SOURCE_MISCONFIGURED', 'permission denied for table secrets'],
      [as('reader', 'none'), 'SELECT 1', 'SOURCE_MISCONFIGURED', 'There is no database of the name'],
      [as('nobody'), 'SELECT 1', 'SOURCE_MISCONFIGURED', 'does not let the server in'],
      [as('postgres'), 'SELECT a FROM nothing', 'SOURCE_MISCONFIGURED', 'relation "nothing" does not exist'],
      ['postgres://reader:hush@127.0.0.1:1/x', 'SELECT 1', 'SOURCE_UNAVAILABLE', 'cannot be reached'],
    ]
    for (const [connection, text, code, message] of refusals) {
      const error = await readAll(open({ connection }).query({ text, params: [] }, { signal })).catch(
        (cause: unknown) => cause,
      )
      expect(error).toMatchObject({
        code,
        message: expect.stringContaining(message),
        cause: expect.any(Error),
      })
      expect(String(error)).not.toContain('hush')
    }
  })

  it('goes on by itself when the database is back', async () => {
    const database = open()
    expect(await valueOf(database, '1')).toBe(1)
    await postgres.stop()
    await expect(valueOf(database, '1')).rejects.toMatchObject({ code: 'SOURCE_UNAVAILABLE' })
    await postgres.start()
    expect(await valueOf(database, '1')).toBe(1)
  })
})
