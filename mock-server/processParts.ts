import { setMaxListeners } from 'node:events'
import { createSyntheticSource } from './adapters/synthetic/createSyntheticSource.js'
import { zlibCodec } from './adapters/zlib/zlibCodec.js'
import type { ServerParts } from './composeServer.js'
import type { Config } from './config.js'
import type { TraceApiOptions } from './http/createTraceApi.js'
import { createRateLimits, type RateLimitOptions } from './routes/rateLimits.js'
import { systemClock } from '../src/async/clock.js'

/** Callbacks of a server process. */
export interface ProcessOptions extends Pick<TraceApiOptions, 'identify' | 'onError'> {
  warn: (message: string) => void
}

/** What every server process is composed of, wherever it keeps its jobs. */
export function processParts(
  config: Config,
  { warn, ...options }: ProcessOptions,
  rateStoreOf?: RateLimitOptions['storeOf'],
) {
  const stopping = new AbortController()
  // Every follower listens; Node warns of more than ten.
  setMaxListeners(0, stopping.signal)
  return {
    source: createSyntheticSource({ delayMsPerQuery: config.syntheticDelayMs }),
    codec: zlibCodec,
    clock: systemClock,
    settings: config.settings,
    memoryUsedMb: () => process.memoryUsage.rss() / 2 ** 20,
    warn,
    stopping,
    api: {
      ...options,
      limits: createRateLimits({ limits: config.rateLimits, storeOf: rateStoreOf }),
      statusNames: config.statusNames,
      bodies: config.bodies,
    },
  } satisfies Partial<ServerParts>
}
