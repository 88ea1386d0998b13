import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { describe, it } from 'vitest'
import { freePort } from './startTestRedis.js'

/** Where Debian has the programs of the newest release. */
function findPrograms(): string | null {
  const releases = '/usr/lib/postgresql'
  if (!existsSync(releases)) return null
  const newest = readdirSync(releases).sort((a, b) => Number(b) - Number(a))[0]
  const programs = join(releases, `${newest}/bin`)
  return existsSync(join(programs, 'initdb')) ? programs : null
}

const PROGRAMS = findPrograms()

/** Runs `suite` where PostgreSQL is; elsewhere it is skipped and its name says why, or fails in CI. */
export function describeWithPostgres(name: string, suite: () => void) {
  if (PROGRAMS) return describe(name, suite)
  if (!process.env.CI) return describe.skip(`${name} (skipped: PostgreSQL is not installed)`, suite)
  describe(name, () => {
    it('has a PostgreSQL to run on', () => {
      throw new Error('PostgreSQL is not installed; CI must run this suite')
    })
  })
}

/** A PostgreSQL of the test's own. */
export interface TestPostgres {
  port: number
  url: string
  /** Runs statements as its owner. */
  run: (...statements: string[]) => Promise<void>
  /** The rows of one query. */
  rows: (text: string, values?: unknown[]) => Promise<Record<string, unknown>[]>
  /** Ends it at once, as a crash would. */
  stop: () => Promise<void>
  /** Starts it again, with what it had. */
  start: () => Promise<void>
  /** Ends it for good, and its files. */
  remove: () => Promise<void>
}

/**
 * Starts a PostgreSQL on a free port, in a folder of its own, whose text sorts as English does: what sorts by bytes must
 * ask for it.
 */
export async function startTestPostgres(): Promise<TestPostgres> {
  const dir = mkdtempSync(join(tmpdir(), 'trace-postgres-'))
  // It refuses to run as root; Debian's package brings a user for it.
  const user = process.getuid?.() === 0 ? idsOf('postgres') : null
  if (user) chownSync(dir, user.uid, user.gid)
  const data = join(dir, 'data')
  const options = ['--auth=trust', '--username=postgres', '--encoding=UTF8', '--no-sync', '--no-locale']
  execFileSync(
    join(PROGRAMS!, 'initdb'),
    ['-D', data, ...options, '--locale-provider=icu', '--icu-locale=en-US'],
    { stdio: 'ignore', cwd: dir, ...user },
  )
  const port = await freePort()
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`
  let server: ChildProcess | null = null

  async function start() {
    const settings = [
      `port=${port}`,
      'listen_addresses=127.0.0.1',
      `unix_socket_directories=${dir}`,
      'fsync=off',
    ]
    const args = ['-D', data, ...settings.flatMap((setting) => ['-c', setting])]
    const child = (server = spawn(join(PROGRAMS!, 'postgres'), args, { stdio: 'ignore', cwd: dir, ...user }))
    while (!(await answers(url))) {
      if (child.exitCode !== null) throw new Error(`postgres ended with ${child.exitCode}`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  async function stop() {
    const stopping = server
    server = null
    if (!stopping || stopping.exitCode !== null) return
    const ended = once(stopping, 'exit')
    stopping.kill('SIGQUIT')
    await ended
  }

  await start()
  return {
    port,
    url,
    start,
    stop,
    async run(...statements) {
      await withClient(url, async (client) => {
        for (const statement of statements) await client.query(statement)
      })
    },
    rows: (text, values) => withClient(url, async (client) => (await client.query(text, values)).rows),
    async remove() {
      await stop()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

function idsOf(name: string): { uid: number; gid: number } {
  const id = (flag: string) => Number(execFileSync('id', [flag, name], { encoding: 'utf8' }))
  return { uid: id('-u'), gid: id('-g') }
}

async function answers(url: string): Promise<boolean> {
  return withClient(url, async () => true).catch(() => false)
}

async function withClient<T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(url)
  client.on('error', () => {})
  await client.connect()
  try {
    return await use(client)
  } finally {
    await client.end()
  }
}
