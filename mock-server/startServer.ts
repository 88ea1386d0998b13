import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Logger } from 'pino'
import { createApp } from './app.js'
import { closeSource } from './closeSource.js'
import type { Config } from './config.js'
import type { ConfigFile } from './configFile.js'
import { createEmbedded } from './createEmbedded.js'
import type { TraceServer } from './defineTraceServer.js'
import { sourceOf } from './openSource.js'
import type { ProcessOptions } from './processParts.js'
import { trackConnections } from './trackConnections.js'

export interface StartOptions {
  config: Config
  file: ConfigFile | null
  logger: Logger
  /** Runs jobs in this thread, with this very source, where there is no Redis. Default: each in a thread of its own. */
  jobsHere?: boolean
  /** Folder of a built page to serve at `/`. */
  demoDir?: string
  /** Log lines that were dropped so far. */
  logLinesDropped?: () => number
}

/** Longer than load balancers keep idle connections (usually 60 s), so that the server never closes one just as it is used. */
const KEEP_ALIVE_MS = 65_000
/** How long connections may take to end once the server is told to stop. */
const STOP_WITHIN_MS = 30_000

/**
 * Connections that the system holds until they are accepted; it cuts this to its own limit. libuv (since 1.45) accepts one
 * per turn of the event loop. A connection that finds no place is tried again after 1, 3 and 7 s: with Node's default
 * of 511, a thousand clients that come back at once would wait for seconds.
 */
const BACKLOG = 4_096

/**
 * Starts a server in this process.
 *
 * @throws {Error} one sentence that says why it cannot start
 */
export async function startServer(options: StartOptions): Promise<TraceServer> {
  const { config, file, logger, demoDir } = options
  const warn = (message: string) => logger.warn(message)
  const checked = await sourceOf(file, config.source)
  const backend = await createBackend(config, {
    ...checked,
    jobsHere: options.jobsHere,
    identify: file?.identify,
    warn,
    onError: (cause, { method, url }) =>
      logger.error({ err: cause }, `${method} ${new URL(url).pathname} failed`),
  }).catch(async (cause) => {
    await closeSource(checked, warn)
    throw cause
  })
  const { api, metrics } = backend
  if (options.logLinesDropped) metrics.logLinesDropped(options.logLinesDropped)
  const app = createApp({ api, config: withFile(config, file), logger, metrics, demoDir })
  const server = app.listen(config.port, config.host, BACKLOG)
  server.keepAliveTimeout = KEEP_ALIVE_MS
  const connections = trackConnections(server)

  async function end() {
    await backend.close()
    await closeSource(checked, warn)
  }

  try {
    await once(server, 'listening')
  } catch (cause) {
    await backend.drain()
    await end()
    throw new Error(whyNotListening(cause as NodeJS.ErrnoException, config), { cause })
  }
  // At exit the system would end open answers as if they were whole.
  process.once('exit', connections.reset)

  return {
    url: addressOf(server),
    async stop() {
      await Promise.all([backend.drain(), connections.close(STOP_WITHIN_MS)])
      await end()
      process.off('exit', connections.reset)
    },
  }
}

/** What is set in the environment counts more than what the file says. */
function withFile(config: Config, file: ConfigFile | null): Config {
  const { allowedHosts, allowedOrigins } = config
  return {
    ...config,
    allowedHosts: allowedHosts.length > 0 ? allowedHosts : (file?.allowedHosts ?? []),
    allowedOrigins: allowedOrigins.length > 0 ? allowedOrigins : (file?.allowedOrigins ?? []),
  }
}

async function createBackend(config: Config, options: ProcessOptions) {
  if (!config.redis) return createEmbedded(config, options)
  // Loaded only with Redis: its clients are a fifth of the server's memory.
  const { redisProblem } = await import('./adapters/redis/redisProblem.js')
  const problem = await redisProblem(config.redis)
  if (problem) throw new Error(problem)
  const { createWithRedis } = await import('./createWithRedis.js')
  return createWithRedis(config, config.redis, options)
}

function addressOf(server: Server): string {
  const { address, family, port } = server.address() as AddressInfo
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`
}

function whyNotListening({ code, message }: NodeJS.ErrnoException, { host, port }: Config): string {
  if (code === 'EADDRINUSE')
    return `Port ${port} of ${host} is taken: stop what listens there, or set PORT to another.`
  if (code === 'EACCES')
    return `Port ${port} may not be listened on by this user: set PORT to one above 1023.`
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') return `HOST ${host} is no address of this machine.`
  return `The server cannot listen on ${host}:${port}: ${message}.`
}
