import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'

/** A `redis-server` of the test's own. */
export interface TestRedis {
  readonly port: number
  readonly url: string
  /** Where it keeps its append-only file. */
  readonly dir: string
  /** Ends it: `SIGTERM` as an operator would, `SIGKILL` as a crash would. */
  stop: (signal?: 'SIGTERM' | 'SIGKILL') => Promise<void>
  /** Starts it again on the same port, with what its append-only file holds. */
  start: () => Promise<void>
  /** Ends it for good, and its files. */
  remove: () => Promise<void>
}

export interface TestRedisOptions {
  /** Keeps an append-only file (every second), so that a restart finds the data again. */
  isPersistent?: boolean
  /** Further settings, as on redis-server's command line. */
  settings?: string[]
}

/** Starts a `redis-server` on a free port, in a folder of its own. */
export async function startTestRedis(options: TestRedisOptions = {}): Promise<TestRedis> {
  const { isPersistent = false, settings = [] } = options
  const dir = mkdtempSync(join(tmpdir(), 'trace-redis-'))
  const port = await freePort()
  let server: ChildProcess | null = null

  async function start() {
    server = spawn(
      'redis-server',
      [
        ...['--port', String(port), '--bind', '127.0.0.1', '--dir', dir, '--save', ''],
        ...['--appendonly', isPersistent ? 'yes' : 'no', '--appendfsync', 'everysec'],
        ...settings,
      ],
      { stdio: 'ignore' },
    )
    await answering(port, server)
  }

  async function stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM') {
    const stopping = server
    if (!stopping || stopping.exitCode !== null || stopping.signalCode !== null) return
    await new Promise((resolve) => {
      stopping.once('exit', resolve)
      stopping.kill(signal)
    })
  }

  await start()
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    dir,
    start,
    stop,
    async remove() {
      await stop('SIGKILL')
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

/** A free port. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number }
      probe.close(() => resolve(port))
    })
  })
}

async function answering(port: number, server: ChildProcess) {
  const redis = new Redis(port, '127.0.0.1', { retryStrategy: () => 20, maxRetriesPerRequest: null })
  redis.on('error', () => {})
  const ended = new Promise<never>((_, reject) => {
    server.once('error', reject)
    server.once('exit', (code) => reject(new Error(`redis-server ended with ${code}`)))
  })
  ended.catch(() => {})
  try {
    await Promise.race([redis.ping(), ended])
  } finally {
    redis.disconnect()
  }
}
