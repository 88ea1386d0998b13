import { spawn, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'

const DIST = join(import.meta.dirname, '../../mock-server/dist')

/** A process of the built server. */
export interface Running {
  pid: number
  stop: () => Promise<void>
}

const UNLIMITED = Object.fromEntries(
  ['SEED', 'LINEAGE', 'EVENTS'].map((kind) => [`TRACE_${kind}_RATE_LIMIT_MAX_REQUESTS`, '1000000']),
)

export interface RunningServer extends Running {
  url: string
  /** Has it collect its whole heap, so that its memory is what lives in it. */
  collect: () => Promise<void>
}

const COLLECT_WITHIN_MS = 500

/** One server, which believes what simulated clients say their addresses are, and collects its heap on a signal. */
export async function startServer(redisUrl: string): Promise<RunningServer> {
  const flags = ['--expose-gc', '--import', "data:text/javascript,process.on('SIGUSR2',()=>gc())"]
  const child = begin([...flags, join(DIST, 'main.js')], {
    REDIS_URL: redisUrl,
    PORT: '0',
    TRUST_PROXY_HEADERS: 'true',
    TRUSTED_PROXY_IPS: '127.0.0.1',
  })
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout!.on('data', (data: Buffer) => {
      const address = /http:\/\/[\w.:[\]-]+/.exec(data.toString())
      if (address) resolve(address[0])
    })
    child.once('exit', (code) => reject(new Error(`The server ended with code ${code}`)))
  })
  return {
    ...running(child),
    url,
    collect: () =>
      new Promise((resolve) => {
        child.kill('SIGUSR2')
        setTimeout(resolve, COLLECT_WITHIN_MS)
      }),
  }
}

/**
 * One worker, begun as the supervisor begins it; resolves when the server at `url` counts it.
 *
 * @param delayMs how much longer every query takes than it must
 * @param takes `all` jobs, `large` or `small` ones
 */
export async function startWorker(
  redisUrl: string,
  url: string,
  delayMs = 0,
  takes = 'all',
): Promise<Running> {
  const flags = ['--max-old-space-size=256', '--max-semi-space-size=8']
  const child = begin([...flags, join(DIST, 'worker.js'), '--one', `--takes=${takes}`], {
    REDIS_URL: redisUrl,
    MALLOC_ARENA_MAX: '1',
    TRACE_SYNTHETIC_DELAY_MS: String(delayMs),
  })
  for (;;) {
    const response = await fetch(`${url}/readyz`)
    await response.body?.cancel()
    if (response.ok) return running(child)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

function begin(args: string[], env: Record<string, string>): ChildProcess {
  return spawn(process.execPath, args, {
    env: { ...process.env, LOG_LEVEL: 'error', NODE_ENV: 'production', ...UNLIMITED, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}

function running(child: ChildProcess): Running {
  return {
    pid: child.pid!,
    stop: () =>
      new Promise((resolve) => {
        if (child.exitCode !== null || child.signalCode !== null) return resolve()
        child.once('exit', () => resolve())
        child.kill('SIGTERM')
      }),
  }
}
