import { Cluster, Redis, type RedisOptions } from 'ioredis'

/** A client of one Redis, or of a cluster: everything here does with either. */
export type RedisClient = Redis | Cluster

export interface RedisAddress {
  /** `redis://` or `rediss://`; in a cluster it tells user and password. */
  url: string
  /** `host:port` of some nodes of a cluster; empty for a single Redis. */
  clusterNodes: readonly string[]
}

/** Where Redis is, and what of it is ours. */
export interface RedisSettings extends RedisAddress {
  /** What all keys begin with; no braces, which mark hash tags. */
  prefix: string
  queueName: string
  /** The most memory Redis may use, in MB; 0: all but a little of Redis's own `maxmemory`. */
  budgetMb: number
}

/** Longest wait for an answer before Redis counts as away. */
const COMMAND_TIMEOUT_MS = 5_000
/** Longest wait for the answer to a command that blocks: BullMQ's block for 10 s at most. */
const BLOCKING_TIMEOUT_MS = 20_000
const MAX_RECONNECT_DELAY_MS = 1_000

/**
 * `commands`: fails at once while Redis is away and never sends a command twice, since a script that was sent
 * may have run. `waiting`: holds commands back until Redis is there again; for subscriptions and for BullMQ,
 * which blocks and retries by itself. `once`: is not tried again when it fails, and asks nothing by itself.
 */
export type ConnectionKind = 'commands' | 'waiting' | 'once'

/**
 * Connects, and reconnects for ever: also when Redis has become a replica, since its name may lead to the new primary,
 * and when it is silent, since a machine that is gone does not close its connections. Faults are told by commands and
 * by `error` events, which need a listener.
 */
export function connectRedis({ url, clusterNodes }: RedisAddress, kind: ConnectionKind): RedisClient {
  const isWaiting = kind !== 'commands'
  const options: RedisOptions = {
    connectTimeout: COMMAND_TIMEOUT_MS,
    maxRetriesPerRequest: null,
    autoResendUnfulfilledCommands: isWaiting,
    reconnectOnError: createReconnectOnReadOnly(),
    ...(kind === 'waiting'
      ? { socketTimeout: BLOCKING_TIMEOUT_MS }
      : { socketTimeout: COMMAND_TIMEOUT_MS, commandTimeout: COMMAND_TIMEOUT_MS }),
  }
  const enableReadyCheck = kind !== 'once'
  const retryStrategy = (times: number) =>
    kind === 'once' ? null : Math.min(times * 50, MAX_RECONNECT_DELAY_MS)
  if (clusterNodes.length === 0) {
    const client = new Redis(url, {
      ...options,
      retryStrategy,
      enableReadyCheck,
      enableOfflineQueue: isWaiting,
    })
    // The client would go on in database 0, among what is somebody else's.
    client.on('error', (cause: Error & { command?: { name: string } }) => {
      if (cause.command?.name === 'select') client.disconnect(true)
    })
    return client
  }

  const { username, password, protocol } = new URL(url)
  return new Cluster([...clusterNodes], {
    clusterRetryStrategy: retryStrategy,
    enableReadyCheck,
    enableOfflineQueue: isWaiting,
    redisOptions: {
      ...options,
      ...(username ? { username: decodeURIComponent(username) } : {}),
      ...(password ? { password: decodeURIComponent(password) } : {}),
      ...(protocol === 'rediss:' ? { tls: {} } : {}),
    },
  })
}

/** An answer of a replica: the primary is elsewhere now. */
export function isReadOnly({ message }: Error): boolean {
  return message.startsWith('READONLY')
}

/** Every write fails until the name has moved. To connect again once a second is enough. */
function createReconnectOnReadOnly() {
  let lastAtMs = -Infinity
  return (cause: Error) => {
    if (!isReadOnly(cause) || performance.now() - lastAtMs < MAX_RECONNECT_DELAY_MS) return false
    lastAtMs = performance.now()
    return true
  }
}

/** Resolves when `client` can be used, or after `ms`, whichever comes first. */
export function whenReady(client: RedisClient, ms: number): Promise<boolean> {
  if (client.status === 'ready') return Promise.resolve(true)
  return new Promise((resolve) => {
    const timer = setTimeout(() => settle(false), ms)
    const onReady = () => settle(true)
    function settle(isReady: boolean) {
      clearTimeout(timer)
      client.off('ready', onReady)
      resolve(isReady)
    }
    client.on('ready', onReady)
  })
}
