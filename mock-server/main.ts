import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createApp } from './app.js'
import { VARIABLES, type Config } from './config.js'
import { configOrExit, fail } from './configOrExit.js'
import { createEmbedded } from './createEmbedded.js'
import { openLog } from './openLog.js'
import type { ProcessOptions } from './processParts.js'
import { trackConnections } from './trackConnections.js'

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

const HELP = `A trace server: seeds, lineage, events and jobs over HTTP, with a synthetic factory behind it.

Usage: npm start

Everything is set by environment variables, or by a file .env; .env.example explains each:
  ${VARIABLES.join('\n  ')}
`

if (process.argv.includes('--help') || process.argv.includes('-h')) {
  process.stdout.write(HELP)
} else {
  await start(configOrExit())
}

async function start(config: Config) {
  const log = openLog(config.logLevel)
  const { logger } = log
  const backend = await createBackend(config, {
    warn: (message) => logger.warn(message),
    onError: (cause, { method, url }) =>
      logger.error({ err: cause }, `${method} ${new URL(url).pathname} failed`),
  })
  const { api, metrics } = backend
  metrics.logLinesDropped(() => log.droppedCount)
  const app = createApp({ api, config, logger, metrics, demoDir: demoDir() })
  const server = app.listen(config.port, config.host, BACKLOG, (error?: Error) => {
    if (error) fail(whyNotListening(error, config))
    log.write(`The trace server is at ${addressOf(server)} (Ctrl-C stops it)\n`)
  })

  server.keepAliveTimeout = KEEP_ALIVE_MS
  const connections = trackConnections(server)
  // At exit the system would end open answers as if they were whole.
  process.once('exit', connections.reset)

  let isStopping = false
  async function stop() {
    if (isStopping) return process.exit(1)
    isStopping = true
    // Downloads may finish; followers are sent away and come back when the server does.
    await Promise.all([backend.drain(), connections.close(STOP_WITHIN_MS)])
    await backend.close()
    process.exit(0)
  }
  process.on('SIGINT', () => void stop())
  process.on('SIGTERM', () => void stop())
}

async function createBackend(config: Config, options: ProcessOptions) {
  if (!config.redis) return createEmbedded(config, options)
  // Loaded only with Redis: its clients are a fifth of the server's memory.
  const { redisProblem } = await import('./adapters/redis/redisProblem.js')
  const problem = await redisProblem(config.redis)
  if (problem) fail(problem)
  const { createWithRedis } = await import('./createWithRedis.js')
  return createWithRedis(config, config.redis, options)
}

/** Where the demo page is built to, seen from the source and from the bundle. */
function demoDir(): string {
  return join(import.meta.dirname, import.meta.url.endsWith('.ts') ? '../demo/dist' : '../../demo/dist')
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
