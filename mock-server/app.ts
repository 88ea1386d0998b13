import { existsSync } from 'node:fs'
import { join } from 'node:path'
import express, { type Express } from 'express'
import type { Logger } from 'pino'
import openApi from '../docs/openapi.json' with { type: 'json' }
import type { Config } from './config.js'
import type { TraceApi } from './http/createTraceApi.js'
import type { Metrics } from './routes/createMetrics.js'
import { crossOrigin } from './routes/crossOrigin.js'
import { errorHandler } from './routes/errorHandler.js'
import { hostCheck } from './routes/hostCheck.js'
import { metricsHandler } from './routes/metricsHandler.js'
import { requestLog } from './routes/requestLog.js'
import { securityHeaders } from './routes/securityHeaders.js'
import { traceHandler } from './routes/traceHandler.js'

export interface AppDeps {
  api: TraceApi
  config: Pick<
    Config,
    | 'allowedHosts'
    | 'allowedOrigins'
    | 'host'
    | 'isProduction'
    | 'metricsPublic'
    | 'slowThresholdSeconds'
    | 'trustedProxies'
  >
  logger: Logger
  metrics: Metrics
  /** Folder of a built page to serve at `/`; left out when it is not there. */
  demoDir?: string
}

/** The server as an Express app: what is about HTTP connections is here, everything else in the API. */
export function createApp({ api, config, logger, metrics, demoDir }: AppDeps): Express {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.set('trust proxy', config.trustedProxies.length > 0 ? [...config.trustedProxies] : false)
  app.use(requestLog(logger, config.slowThresholdSeconds))
  app.use(securityHeaders(config))
  app.use(hostCheck(config.host, config.allowedHosts))
  app.use(metrics.observe)
  app.get('/metrics', metricsHandler(metrics, config.metricsPublic))
  if (config.allowedOrigins.length > 0) app.use('/api/trace', crossOrigin(config.allowedOrigins))
  app.get('/api/trace/openapi.json', (_, res) => void res.json(openApi))
  if (demoDir && existsSync(join(demoDir, 'index.html'))) app.use(express.static(demoDir))
  app.use(traceHandler(api))
  app.use(errorHandler)
  return app
}
