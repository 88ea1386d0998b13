import { existsSync } from 'node:fs'
import { join } from 'node:path'
import express, { type Express } from 'express'
import type { Logger } from 'pino'
import type { Config } from './config.js'
import type { TraceApi } from './http/createTraceApi.js'
import { errorHandler } from './routes/errorHandler.js'
import { createRateLimits } from './routes/rateLimits.js'
import { requestLog } from './routes/requestLog.js'
import { securityHeaders } from './routes/securityHeaders.js'
import { traceHandler } from './routes/traceHandler.js'

export interface AppDeps {
  api: TraceApi
  config: Pick<Config, 'isProduction' | 'rateLimits' | 'slowThresholdSeconds' | 'trustedProxies'>
  logger: Logger
  /** Folder of a built page to serve at `/`; left out when it is not there. */
  demoDir?: string
}

/** The server as an Express app: what is about HTTP connections is here, everything else in the API. */
export function createApp({ api, config, logger, demoDir }: AppDeps): Express {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.set('trust proxy', config.trustedProxies.length > 0 ? [...config.trustedProxies] : false)
  app.use(requestLog(logger, config.slowThresholdSeconds))
  app.use(securityHeaders(config))
  app.use(createRateLimits(config.rateLimits))
  if (demoDir && existsSync(join(demoDir, 'index.html'))) app.use(express.static(demoDir))
  app.use(traceHandler(api))
  app.use(errorHandler)
  return app
}
