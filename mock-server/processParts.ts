import { setMaxListeners } from 'node:events'
import { openParquetFile } from './adapters/parquet/openParquetFile.js'
import { zlibCodec } from './adapters/zlib/zlibCodec.js'
import type { ServerParts } from './composeServer.js'
import type { Config } from './config.js'
import type { TraceApiOptions } from './http/createTraceApi.js'
import { createRateLimits, type RateLimitOptions } from './routes/rateLimits.js'
import type { CheckedSource } from './services/source/checkSource.js'
import { systemClock } from '../src/async/clock.js'

/** What a server process has beside its configuration. */
export interface ProcessOptions extends CheckedSource, Pick<TraceApiOptions, 'identify' | 'onError'> {
  /** Runs jobs in this thread, where there is no Redis. Default: each in a thread of its own. */
  jobsHere?: boolean
  warn: (message: string) => void
}

/** What every server process is composed of, wherever it keeps its jobs. */
export function processParts(
  config: Config,
  { source, description, warn, identify, onError }: ProcessOptions,
  rateStoreOf?: RateLimitOptions['storeOf'],
) {
  const stopping = new AbortController()
  // Every follower listens; Node warns of more than ten.
  setMaxListeners(0, stopping.signal)
  return {
    source,
    description,
    codec: zlibCodec,
    openParquet: openParquetFile,
    clock: systemClock,
    settings: config.settings,
    memoryUsedMb: () => process.memoryUsage.rss() / 2 ** 20,
    warn,
    stopping,
    api: {
      identify,
      onError,
      limits: createRateLimits({ limits: config.rateLimits, storeOf: rateStoreOf }),
      statusNames: config.statusNames,
      bodies: config.bodies,
    },
  } satisfies Partial<ServerParts>
}
