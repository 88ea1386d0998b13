import type { IncomingMessage } from 'node:http'
import type { RequestHandler } from 'express'
import type { Logger } from 'pino'
import { pinoHttp } from 'pino-http'

/**
 * One log line per request; a warning when it was slow, save for streams, which last as long as their jobs.
 * Query strings are left out: they may hold what only the caller should know.
 */
export function requestLog(logger: Logger, slowThresholdSeconds: number): RequestHandler {
  const beganAtMs = new WeakMap<IncomingMessage, number>()

  function isSlow(req: IncomingMessage): boolean {
    const tookMs = performance.now() - (beganAtMs.get(req) ?? performance.now())
    return tookMs > slowThresholdSeconds * 1000 && !pathOf(req).endsWith('/stream')
  }

  const log = pinoHttp({
    logger,
    serializers: {
      req: (req: IncomingMessage) => ({ method: req.method, path: pathOf(req) }),
      res: ({ statusCode }: { statusCode: number }) => ({ statusCode }),
    },
    customLogLevel: (req, res, error) => {
      if (error || res.statusCode >= 500) return 'error'
      return isSlow(req) ? 'warn' : 'info'
    },
    customSuccessMessage: (req) => `${req.method} ${pathOf(req)}`,
    customErrorMessage: (req) => `${req.method} ${pathOf(req)} failed`,
  })

  return (req, res, next) => {
    beganAtMs.set(req, performance.now())
    log(req, res, next)
  }
}

function pathOf({ url = '' }: IncomingMessage): string {
  return url.replace(/\?.*$/, '')
}
