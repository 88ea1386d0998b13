import { isIP } from 'node:net'
import { resolve } from 'node:path'
import * as v from 'valibot'
import type { RedisSettings } from './adapters/redis/connectRedis.js'
import type { StatusNames } from './http/statusNames.js'
import type { RateLimitOptions } from './routes/rateLimits.js'
import { DEFAULT_SETTINGS, type TraceSettings } from './ports/TraceDeps.js'

/** Everything that can be set from outside, checked and frozen. `.env.example` explains each variable. */
export interface Config {
  host: string
  port: number
  isProduction: boolean
  logLevel: string
  statusNames: StatusNames
  /** What may be sent to the server, and how fast. */
  bodies: Readonly<{ maxBytes: number; budgetBytes: number; timeoutMs: number }>
  memoryLimitMb: number
  workerCount: number
  workerHeapMb: number
  slowThresholdSeconds: number
  metricsPublic: boolean
  source: Readonly<SourceSettings>
  /** `null`: everything is kept in this process. */
  redis: Readonly<RedisSettings> | null
  /** Proxies: their `X-Forwarded-For` is believed. None by default. */
  trustedProxies: readonly string[]
  /** Names the server is asked by, beside its own; see `routes/hostCheck.ts`. */
  allowedHosts: readonly string[]
  /** Origins of pages that may use the server; `['*']` means any. */
  allowedOrigins: readonly string[]
  rateLimits: RateLimitOptions['limits']
  settings: Readonly<TraceSettings>
}

/** Where the rows come from; see `openSource.ts`. */
export interface SourceSettings {
  /** The file that `TRACE_CONFIG` names, as a full path. `null`: `trace.config.js` of the working folder, if there is one. */
  configFile: string | null
  /** A folder of Parquet, CSV or NDJSON files that is the factory. `null`: none. */
  folder: string | null
  syntheticDelayMs: number
}

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

function whole(fallback: number, min: number, max: number) {
  const message = `a whole number from ${min} to ${max}`
  return v.optional(
    v.pipe(
      v.string(),
      v.regex(/^\d+$/, message),
      v.transform(Number),
      v.minValue(min, message),
      v.maxValue(max, message),
    ),
    String(fallback),
  )
}

function flag(fallback: boolean) {
  return v.optional(
    v.pipe(
      v.picklist(['true', 'false', '1', '0'], 'true or false'),
      v.transform((text) => text === 'true' || text === '1'),
    ),
    fallback ? 'true' : 'false',
  )
}

function oneOf<const T extends readonly string[]>(options: T, fallback: T[number]) {
  return v.optional(v.picklist(options, `one of ${options.join(', ')}`), fallback)
}

/** Parts between commas. */
function listOf(isPart: (part: string) => boolean, message: string) {
  return v.optional(
    v.pipe(
      v.string(),
      v.transform((text) => text.split(',').flatMap((part) => part.trim() || [])),
      v.everyItem(isPart, message),
    ),
    '',
  )
}

function text(isText: (text: string) => boolean, message: string, fallback: string) {
  return v.optional(v.pipe(v.string(), v.check(isText, message)), fallback)
}

const matches = (pattern: RegExp) => (text: string) => pattern.test(text)

const isName = matches(/^[\w-]+(\.[\w-]+)*\.?$/)

function isHost(text: string): boolean {
  return isName(text) || isIP(text) !== 0
}

/** What Express trusts, save for netmasks: its own names, addresses, and networks. */
function isProxy(text: string): boolean {
  if (['loopback', 'linklocal', 'uniquelocal'].includes(text)) return true
  const [, address = '', bits] = /^([\da-f.:]+)(?:\/(\d{1,3}))?$/i.exec(text) ?? []
  const maxBits = { 0: 0, 4: 32, 6: 128 }[isIP(address)]!
  return maxBits > 0 && (bits === undefined || (Number(bits) >= 1 && Number(bits) <= maxBits))
}

function isOrigin(text: string): boolean {
  return text === '*' || (URL.canParse(text) && /^https?:\/\/[^/?#@*]+\/?$/i.test(text))
}

function isNode(text: string): boolean {
  const [, host = '', port] = /^(.+):(\d{1,5})$/.exec(text) ?? []
  return isHost(host.replace(/^\[(.*)\]$/, '$1')) && Number(port) >= 1 && Number(port) <= 65_535
}

/**
 * Whether this is an address that means what was meant. `URL` takes what follows a bare `#`, `/` or `?` of a password for
 * something else, and says nothing of a bare `%`.
 */
function isRedisUrl(text: string): boolean {
  if (/[\s#]/.test(text) || !URL.canParse(text)) return false
  const { protocol, username, password, hostname, pathname, search } = new URL(text)
  try {
    decodeURIComponent(username + password)
  } catch {
    return false
  }
  return (
    /^rediss?:$/.test(protocol) &&
    hostname !== '' &&
    /^(\/\d{0,9})?$/.test(pathname) &&
    /^(\?family=[046])?$/.test(search)
  )
}

function isAnyAlone(origins: string[]): boolean {
  return origins.length === 1 || !origins.includes('*')
}

const HOSTS = 'names or addresses without scheme and port'
const ORIGINS = 'origins such as https://mes.example'
const ANY_ALONE = '* alone, or origins without *'

/** Lists as `trace.config.js` has them. */
export const AllowedHosts = listWhere(isHost, `a list of ${HOSTS}`)
export const AllowedOrigins = v.pipe(
  listWhere(isOrigin, `a list of ${ORIGINS}, or of * alone`),
  v.check(isAnyAlone, ANY_ALONE),
  v.mapItems(toOrigin),
)

function listWhere(isItem: (item: string) => boolean, message: string) {
  return v.pipe(v.array(v.string(message), message), v.everyItem(isItem, message))
}

/** As browsers send it. */
function toOrigin(text: string): string {
  return text === '*' ? '*' : new URL(text).origin
}

const YEAR_SECONDS = 31_536_000
const MB = 2 ** 20

const Environment = v.object({
  HOST: text(isHost, 'an address or name of this machine, without a port', '127.0.0.1'),
  PORT: whole(8787, 0, 65_535),
  NODE_ENV: text(matches(/^[\w-]*$/), 'a word, such as production', ''),
  LOG_LEVEL: oneOf(LOG_LEVELS, 'info'),
  TRUST_PROXY_HEADERS: flag(false),
  TRUSTED_PROXY_IPS: listOf(
    isProxy,
    'addresses, networks such as 10.0.0.0/8, loopback, linklocal or uniquelocal, with commas between',
  ),
  TRACE_ALLOWED_HOSTS: listOf(isHost, `${HOSTS}, with commas between`),
  TRACE_ALLOWED_ORIGINS: v.pipe(
    listOf(isOrigin, `${ORIGINS}, with commas between, or * alone`),
    v.check(isAnyAlone, ANY_ALONE),
  ),
  METRICS_PUBLIC: flag(false),

  TRACE_ASYNC_ENABLED: flag(DEFAULT_SETTINGS.asyncEnabled),
  TRACE_ASYNC_CID_THRESHOLD: whole(DEFAULT_SETTINGS.asyncCidThreshold, 0, 1e9),
  TRACE_EVENTS_CID_LIMIT: whole(DEFAULT_SETTINGS.eventsCidLimit, 1, 1e9),
  TRACE_RUN_CID_LIMIT: whole(DEFAULT_SETTINGS.runCidLimit, 1, 1e9),
  EVENT_FETCHER_CACHE_SKIP_CID_THRESHOLD: whole(DEFAULT_SETTINGS.cacheCidLimit, 0, 1e9),
  TRACE_CACHE_TTL_SECONDS: whole(DEFAULT_SETTINGS.cacheTtlSeconds, 0, YEAR_SECONDS),
  TRACE_JOB_TTL_SECONDS: whole(DEFAULT_SETTINGS.jobTtlSeconds, 1, YEAR_SECONDS),
  TRACE_JOB_TIMEOUT_SECONDS: whole(DEFAULT_SETTINGS.jobTimeoutSeconds, 1, 1_000_000),
  TRACE_STREAM_BATCH_SIZE: whole(DEFAULT_SETTINGS.streamBatchSize, 1, 100_000),
  TRACE_ID_BATCH_SIZE: whole(DEFAULT_SETTINGS.idBatchSize, 1, 100_000),
  TRACE_SOURCE_CONCURRENCY: whole(DEFAULT_SETTINGS.sourceConcurrency, 1, 64),
  TRACE_QUEUE_LIMIT: whole(DEFAULT_SETTINGS.queueLimit, 0, 1_000_000),
  TRACE_SMALL_QUESTION_LIMIT: whole(DEFAULT_SETTINGS.smallQuestionLimit, 0, 1_000_000),
  TRACE_MEMORY_GUARD_MB: whole(DEFAULT_SETTINGS.memoryGuardMb, 0, 1_000_000),

  TRACE_WORKER_COUNT: whole(2, 0, 64),
  TRACE_WORKER_HEAP_MB: whole(256, 16, 65_536),
  TRACE_MEMORY_LIMIT_MB: whole(512, 1, 1_000_000),
  TRACE_BODY_LIMIT_MB: whole(64, 1, 512),
  TRACE_BODY_BUDGET_MB: whole(0, 0, 65_536),
  TRACE_BODY_TIMEOUT_SECONDS: whole(60, 1, 300),
  TRACE_STATUS_NAMES: oneOf(['default', 'rq'], 'default'),
  TRACE_SLOW_THRESHOLD_SECONDS: whole(15, 1, YEAR_SECONDS),

  TRACE_CONFIG: v.optional(v.string(), ''),
  TRACE_SOURCE_DIR: v.optional(v.string(), ''),
  TRACE_SYNTHETIC_DELAY_MS: whole(0, 0, 600_000),

  REDIS_URL: text(
    (url) => url === '' || isRedisUrl(url),
    'redis://user:password@host:port/number (or rediss://), with signs such as # / ? % of user and password percent-encoded (%23 %2F %3F %25)',
    '',
  ),
  REDIS_CLUSTER_NODES: listOf(isNode, 'host:port, host:port, …'),
  REDIS_KEY_PREFIX: text(
    matches(/^[^\s{}]{1,64}$/),
    'up to 64 characters without blanks and braces',
    'mes_wip',
  ),
  TRACE_WORKER_QUEUE: text(
    matches(/^[\w.-]{1,64}$/),
    'up to 64 letters, digits, dots, dashes',
    'trace-events',
  ),
  TRACE_REDIS_BUDGET_MB: whole(1024, 0, 1_000_000),

  TRACE_SEED_RATE_LIMIT_MAX_REQUESTS: whole(10, 1, 1e9),
  TRACE_SEED_RATE_LIMIT_WINDOW_SECONDS: whole(60, 1, 86_400),
  TRACE_LINEAGE_RATE_LIMIT_MAX_REQUESTS: whole(10, 1, 1e9),
  TRACE_LINEAGE_RATE_LIMIT_WINDOW_SECONDS: whole(60, 1, 86_400),
  TRACE_EVENTS_RATE_LIMIT_MAX_REQUESTS: whole(15, 1, 1e9),
  TRACE_EVENTS_RATE_LIMIT_WINDOW_SECONDS: whole(60, 1, 86_400),
  TRACE_JOB_RATE_LIMIT_MAX_REQUESTS: whole(60, 1, 1e9),
  TRACE_JOB_RATE_LIMIT_WINDOW_SECONDS: whole(60, 1, 86_400),
  TRACE_STRANGER_RATE_LIMIT_MAX_REQUESTS: whole(300, 1, 1e9),
  TRACE_STRANGER_RATE_LIMIT_WINDOW_SECONDS: whole(60, 1, 86_400),
})

/** Names of the variables this server reads. */
export const VARIABLES: readonly string[] = Object.keys(Environment.entries)

/** What may hold a password is never repeated. */
const SECRETS = ['REDIS_URL', 'REDIS_CLUSTER_NODES']

/**
 * The configuration in `environment`; an unset or blank variable has its default.
 *
 * @throws {Error} one sentence that names the variable and says what values it takes
 */
export function readConfig(environment: Record<string, string | undefined>): Config {
  const set = Object.entries(environment).flatMap(([name, value]) => {
    const text = value?.trim()
    return text ? [[name, text] as const] : []
  })
  const result = v.safeParse(Environment, Object.fromEntries(set), { abortEarly: true })
  if (!result.success) {
    const [issue] = result.issues
    // A list's path ends with the number of its part.
    const name = String(issue.path![0].key)
    const found = SECRETS.includes(name) ? '' : `, not ${quote(environment[name])}`
    throw new Error(`${name} must be ${issue.message}${found}.`)
  }
  const env = result.output
  if (env.TRUST_PROXY_HEADERS && env.TRUSTED_PROXY_IPS.length === 0) {
    throw new Error('TRUSTED_PROXY_IPS must name the proxies to trust when TRUST_PROXY_HEADERS is true.')
  }
  if (env.REDIS_CLUSTER_NODES.length > 0 && databaseOf(env.REDIS_URL) > 0) {
    throw new Error('REDIS_URL must name database 0, or none: a Redis Cluster has no other.')
  }
  if (env.TRACE_BODY_BUDGET_MB > 0 && env.TRACE_BODY_BUDGET_MB < env.TRACE_BODY_LIMIT_MB) {
    throw new Error(
      `TRACE_BODY_BUDGET_MB must be at least TRACE_BODY_LIMIT_MB (${env.TRACE_BODY_LIMIT_MB}), not "${env.TRACE_BODY_BUDGET_MB}".`,
    )
  }
  return deepFreeze(toConfig(env))
}

/** On one line, and not without end. */
function quote(value = ''): string {
  return JSON.stringify(value.length > 100 ? `${value.slice(0, 100)}…` : value)
}

function databaseOf(url: string): number {
  return url === '' ? 0 : Number(new URL(url).pathname.slice(1))
}

function toConfig(env: v.InferOutput<typeof Environment>): Config {
  return {
    host: env.HOST,
    port: env.PORT,
    isProduction: env.NODE_ENV === 'production',
    logLevel: env.LOG_LEVEL,
    statusNames: env.TRACE_STATUS_NAMES,
    bodies: {
      maxBytes: env.TRACE_BODY_LIMIT_MB * MB,
      budgetBytes: (env.TRACE_BODY_BUDGET_MB || 2 * env.TRACE_BODY_LIMIT_MB) * MB,
      timeoutMs: env.TRACE_BODY_TIMEOUT_SECONDS * 1000,
    },
    memoryLimitMb: env.TRACE_MEMORY_LIMIT_MB,
    workerCount: env.TRACE_WORKER_COUNT,
    workerHeapMb: env.TRACE_WORKER_HEAP_MB,
    slowThresholdSeconds: env.TRACE_SLOW_THRESHOLD_SECONDS,
    metricsPublic: env.METRICS_PUBLIC,
    source: {
      configFile: pathOf(env.TRACE_CONFIG),
      folder: pathOf(env.TRACE_SOURCE_DIR),
      syntheticDelayMs: env.TRACE_SYNTHETIC_DELAY_MS,
    },
    redis: toRedisSettings(env),
    allowedHosts: env.TRACE_ALLOWED_HOSTS,
    allowedOrigins: env.TRACE_ALLOWED_ORIGINS.map(toOrigin),
    trustedProxies: env.TRUST_PROXY_HEADERS ? env.TRUSTED_PROXY_IPS : [],
    rateLimits: {
      seed: {
        maxRequests: env.TRACE_SEED_RATE_LIMIT_MAX_REQUESTS,
        windowSeconds: env.TRACE_SEED_RATE_LIMIT_WINDOW_SECONDS,
      },
      lineage: {
        maxRequests: env.TRACE_LINEAGE_RATE_LIMIT_MAX_REQUESTS,
        windowSeconds: env.TRACE_LINEAGE_RATE_LIMIT_WINDOW_SECONDS,
      },
      events: {
        maxRequests: env.TRACE_EVENTS_RATE_LIMIT_MAX_REQUESTS,
        windowSeconds: env.TRACE_EVENTS_RATE_LIMIT_WINDOW_SECONDS,
      },
      job: {
        maxRequests: env.TRACE_JOB_RATE_LIMIT_MAX_REQUESTS,
        windowSeconds: env.TRACE_JOB_RATE_LIMIT_WINDOW_SECONDS,
      },
      stranger: {
        maxRequests: env.TRACE_STRANGER_RATE_LIMIT_MAX_REQUESTS,
        windowSeconds: env.TRACE_STRANGER_RATE_LIMIT_WINDOW_SECONDS,
      },
    },
    settings: {
      asyncEnabled: env.TRACE_ASYNC_ENABLED,
      asyncCidThreshold: env.TRACE_ASYNC_CID_THRESHOLD,
      eventsCidLimit: env.TRACE_EVENTS_CID_LIMIT,
      runCidLimit: env.TRACE_RUN_CID_LIMIT,
      cacheCidLimit: env.EVENT_FETCHER_CACHE_SKIP_CID_THRESHOLD,
      cacheTtlSeconds: env.TRACE_CACHE_TTL_SECONDS,
      jobTtlSeconds: env.TRACE_JOB_TTL_SECONDS,
      jobTimeoutSeconds: env.TRACE_JOB_TIMEOUT_SECONDS,
      streamBatchSize: env.TRACE_STREAM_BATCH_SIZE,
      idBatchSize: env.TRACE_ID_BATCH_SIZE,
      sourceConcurrency: env.TRACE_SOURCE_CONCURRENCY,
      queueLimit: env.TRACE_QUEUE_LIMIT,
      smallQuestionLimit: env.TRACE_SMALL_QUESTION_LIMIT,
      memoryGuardMb: env.TRACE_MEMORY_GUARD_MB,
    },
  }
}

function pathOf(text: string): string | null {
  return text === '' ? null : resolve(text)
}

function toRedisSettings(env: v.InferOutput<typeof Environment>): RedisSettings | null {
  const clusterNodes = env.REDIS_CLUSTER_NODES
  if (env.REDIS_URL === '' && clusterNodes.length === 0) return null
  return {
    url: env.REDIS_URL || `redis://${clusterNodes[0]}`,
    clusterNodes,
    prefix: env.REDIS_KEY_PREFIX,
    queueName: env.TRACE_WORKER_QUEUE,
    budgetMb: env.TRACE_REDIS_BUDGET_MB,
  }
}

function deepFreeze<T extends object>(value: T): T {
  for (const inner of Object.values(value)) if (typeof inner === 'object' && inner !== null) deepFreeze(inner)
  return Object.freeze(value)
}
