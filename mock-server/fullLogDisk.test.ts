import { spawn, spawnSync, type ChildProcess, type StdioOptions } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { freePort, startTestRedis, type TestRedis } from './testing/startTestRedis.js'
import { describeWithRedis } from './testing/testRedis.js'

const ROOT = new URL('..', import.meta.url).pathname
const EVENTS = { profile: 'query_tool', container_ids: ['a', 'b'], domains: ['history'] }
const running = new Set<ChildProcess>()

/** A process of ours that logs to `stdout`. */
function start(
  file: 'main.ts' | 'worker.ts',
  stdout: number | 'pipe',
  environment: Record<string, string> = {},
) {
  const stdio: StdioOptions = ['ignore', stdout, 'pipe']
  const env = { PATH: process.env.PATH, LOG_LEVEL: 'info', ...environment }
  const flags = file === 'worker.ts' ? ['--one'] : []
  const child = spawn(process.execPath, ['--import', 'tsx', `mock-server/${file}`, ...flags], {
    cwd: ROOT,
    env,
    stdio,
  })
  running.add(child)
  let complained = ''
  child.stderr!.on('data', (data: Buffer) => (complained += data.toString()))
  const ended = new Promise<number | null>((resolve) => {
    child.once('exit', (code) => {
      running.delete(child)
      resolve(code)
    })
  })
  return { child, ended, complained: () => complained }
}

async function startServer(stdout: number | 'pipe', environment: Record<string, string> = {}) {
  const port = await freePort()
  const server = start('main.ts', stdout, { ...environment, PORT: String(port) })
  const url = `http://127.0.0.1:${port}`
  await vi.waitFor(() => fetch(`${url}/healthz`), 30_000)
  return { ...server, url }
}

/** Asks for addresses that fill the log: each is a line of 8 kB. */
async function askLongAddresses(url: string, count: number) {
  const statuses = new Set<number>()
  for (let n = 0; n < count; n++) {
    statuses.add((await fetch(`${url}/asked-${n}-${'x'.repeat(8_000)}`)).status)
  }
  return [...statuses]
}

afterEach(() => {
  for (const child of running) child.kill('SIGKILL')
})

describe('a server whose log has no room', () => {
  it('starts, answers and stops with a stdout that is full from the start', async () => {
    const full = openSync('/dev/full', 'w')
    const server = await startServer(full)
    closeSync(full)
    expect(await askLongAddresses(server.url, 60)).toEqual([404])
    server.child.kill('SIGTERM')
    expect(await server.ended).toBe(0)
    expect(server.complained()).toBe('')
  })

  it('answers and stops while nobody reads the pipe it logs to', async () => {
    const server = await startServer('pipe')
    expect(await askLongAddresses(server.url, 100)).toEqual([404])
    const metrics = await (await fetch(`${server.url}/metrics`)).text()
    expect(Number(/^trace_log_lines_dropped_total (\d+)$/m.exec(metrics)?.[1])).toBeGreaterThan(0)
    server.child.kill('SIGTERM')
    expect(await server.ended).toBe(0)
  })
})

const disk = mkdtempSync(join(tmpdir(), 'trace-log-disk-'))
const asRoot = (command: string, ...args: string[]) =>
  process.getuid?.() === 0
    ? spawnSync(command, args).status === 0
    : spawnSync('sudo', ['-n', command, ...args]).status === 0
const canMount = asRoot('mount', '-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk) && asRoot('umount', disk)
const isRun = canMount || !!process.env.CI

describe.skipIf(!isRun)(
  `a full log disk${isRun ? '' : ' (skipped: only root may mount the small disk it needs)'}`,
  () => {
    const logFile = join(disk, 'trace.log')
    const ballast = join(disk, 'ballast')

    beforeEach(() => {
      expect(asRoot('mount', '-t', 'tmpfs', '-o', 'size=1m,mode=777', 'tmpfs', disk)).toBe(true)
    })
    // Lazily: what a failed test has left running holds its log open.
    afterEach(() => void asRoot('umount', '--lazy', disk))
    afterAll(() => rmSync(disk, { recursive: true }))

    function fillDisk() {
      const fd = openSync(ballast, 'w')
      try {
        for (;;) writeSync(fd, Buffer.alloc(4_096))
      } catch (cause) {
        expect(cause).toMatchObject({ code: 'ENOSPC' })
      } finally {
        closeSync(fd)
      }
    }

    interface Line {
      count?: number
      msg: string
      req?: { path: string }
    }

    /** The log's lines, each whole; the first of a server is no JSON. */
    const readLog = () =>
      readFileSync(logFile, 'utf8')
        .split('\n')
        .filter((line) => line !== '' && !line.startsWith('The trace server is at'))
        .map((line) => JSON.parse(line) as Line)

    it('stops nobody: lines are dropped, and once there is room one line says how many', async () => {
      const fd = openSync(logFile, 'a')
      const server = await startServer(fd)
      closeSync(fd)
      fillDisk()
      expect(await askLongAddresses(server.url, 120)).toEqual([404])
      rmSync(ballast)
      const told = await vi.waitFor(() => {
        const found = readLog().filter(({ msg }) => msg.startsWith('log lines were dropped'))
        expect(found).toHaveLength(1)
        return found[0]!
      }, 10_000)
      const asked = readLog().filter(({ req }) => req?.path.startsWith('/asked-'))
      expect(told.count).toBeGreaterThan(0)
      expect(asked.length + told.count!).toBe(120)

      await fetch(`${server.url}/after`)
      await vi.waitFor(() => expect(readLog().at(-1)?.req?.path).toBe('/after'))
      server.child.kill('SIGTERM')
      expect(await server.ended).toBe(0)
    })

    describeWithRedis('with a worker on it', () => {
      let redis: TestRedis | null = null
      afterEach(() => redis?.remove())

      it('costs the worker no job', async () => {
        redis = await startTestRedis()
        const fd = openSync(logFile, 'a')
        const environment = { REDIS_URL: redis.url }
        const server = await startServer(fd, environment)
        const worker = start('worker.ts', fd, environment)
        closeSync(fd)
        await vi.waitFor(() => fetch(`${server.url}/readyz`).then(({ ok }) => expect(ok).toBe(true)), 30_000)
        fillDisk()
        for (const containers of [['a'], ['b'], ['c']]) {
          const accepted = await fetch(`${server.url}/api/trace/events-async`, {
            method: 'POST',
            headers: { 'Content-Type': 'application/json' },
            body: JSON.stringify({ ...EVENTS, container_ids: containers }),
          })
          const { status_url } = (await accepted.json()) as { status_url: string }
          await vi.waitFor(async () => {
            const job = (await (await fetch(server.url + status_url)).json()) as { status: string }
            expect(job.status).toBe('completed')
          }, 30_000)
        }
        rmSync(ballast)
        await vi.waitFor(
          () => expect(readLog().filter(({ msg }) => msg === 'job ended')).toHaveLength(3),
          10_000,
        )
        worker.child.kill('SIGTERM')
        server.child.kill('SIGTERM')
        expect(await Promise.all([worker.ended, server.ended])).toEqual([0, 0])
      })
    })
  },
)
