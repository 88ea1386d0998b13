import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pino } from 'pino'
import { createApp } from '../app.js'
import { readConfig } from '../config.js'
import { createEmbedded } from '../createEmbedded.js'
import { createWithRedis } from '../createWithRedis.js'
import type { TraceApiOptions } from '../http/createTraceApi.js'
import { sourceOf } from '../openSource.js'

/** Rates that no test reaches. */
const UNLIMITED = Object.fromEntries(
  ['SEED', 'LINEAGE', 'EVENTS', 'JOB'].map((kind) => [`TRACE_${kind}_RATE_LIMIT_MAX_REQUESTS`, '1000000']),
)

/** The server, whole: Express on a free port, the synthetic factory; jobs in threads unless REDIS_URL is set. */
export async function startTestServer(
  environment: Record<string, string> = {},
  options: Pick<TraceApiOptions, 'identify'> = {},
) {
  const config = readConfig({ ...UNLIMITED, ...environment })
  const warnings: string[] = []
  const checked = await sourceOf(null, config.source)
  const process = { ...options, ...checked, warn: (message: string) => void warnings.push(message) }
  const backend = config.redis
    ? await createWithRedis(config, config.redis, process)
    : createEmbedded(config, process)
  const { api, metrics } = backend
  const app = createApp({ api, config, logger: pino({ level: 'silent' }), metrics })
  const server = await new Promise<Server>((resolve) => {
    const listening: Server = app.listen(0, '127.0.0.1', () => resolve(listening))
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  return {
    url,
    warnings,
    get: (path: string, init: RequestInit = {}) => fetch(url + path, init),
    post: (stage: string, body: unknown, headers: Record<string, string> = {}) =>
      fetch(`${url}/api/trace/${stage}`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    /** Asks a status URL until the job has ended. */
    async ended(statusUrl: string): Promise<Record<string, unknown>> {
      for (;;) {
        const job = (await (await fetch(url + statusUrl)).json()) as Record<string, unknown>
        if (job.completed_at !== null) return job
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
    },
    async close() {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await backend.drain()
      await backend.close()
      await closed
    },
  }
}

export type TestServer = Awaited<ReturnType<typeof startTestServer>>
