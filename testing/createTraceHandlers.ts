import { http, type RequestHandler } from 'msw'
import { systemClock } from '../src/async/clock.js'
import { createSyntheticSource } from '../mock-server/adapters/synthetic/createSyntheticSource.js'
import type { StatusNames } from '../mock-server/http/statusNames.js'
import type { Clock, PartialSource } from '../mock-server/ports/index.js'
import type { TraceSettings } from '../mock-server/ports/TraceDeps.js'
import { createTestBackend } from './createTestBackend.js'
import { createWorkerDeath } from './createWorkerDeath.js'
import type { Exchange, ExchangeKind, Scenario } from './Scenario.js'
import { happy } from './scenarios.js'
import { checkSource } from '../mock-server/services/source/checkSource.js'
import { troubledSource } from './troubledSource.js'

export interface TraceHandlersOptions {
  /** How things go; default: `happy()`. */
  scenario?: Scenario
  /** Where rows come from; default: the synthetic factory. It needs the methods that its profiles need. */
  source?: PartialSource
  /** Where the API lies; default: every origin. */
  baseUrl?: string
  /** Settings that differ from the server's: `{ asyncCidThreshold: 10 }` makes jobs of small questions. */
  settings?: Partial<TraceSettings>
  /** `rq`: the original service's names of job states. */
  statusNames?: StatusNames
  /** Default: the machine's own time. */
  clock?: Clock
}

export interface TraceHandlers {
  /** For `setupServer(...handlers)` or `setupWorker(...handlers)`. */
  handlers: RequestHandler[]
  /** Requests so far, oldest first, as `kind` and URL. */
  log: readonly { kind: ExchangeKind; url: string }[]
  /** Ends running jobs and open streams; call it when the test ends. */
  close: () => Promise<void>
}

/**
 * MSW handlers over the real services, so that a component's test and the real server cannot drift apart.
 * State lives as long as the handlers: jobs, caches and counts of attempts.
 */
export function createTraceHandlers(options: TraceHandlersOptions = {}): TraceHandlers {
  const { scenario = happy(), baseUrl = '*', clock = systemClock, settings, statusNames } = options
  const { wrapWorker = (work) => work, intercept } = scenario
  const { source } = checkSource(options.source ?? createSyntheticSource())
  const { reach, wrapWorker: letDie } = createWorkerDeath(scenario.workerDiesIn)
  const backend = createTestBackend({
    source: troubledSource(source, scenario, { clock, reach }),
    clock,
    settings,
    statusNames,
    wrapWorker: (work) => wrapWorker(letDie(work), clock),
  })
  const attempts = new Map<ExchangeKind, number>()
  const log: { kind: ExchangeKind; url: string }[] = []

  async function answer(original: Request): Promise<Response> {
    const request = uncompressed(original)
    const kind = kindOf(request)
    const attempt = (attempts.get(kind) ?? 0) + 1
    attempts.set(kind, attempt)
    log.push({ kind, url: request.url })
    const exchange: Exchange = { kind, request, attempt, clock }
    return intercept ? intercept(exchange, () => backend.api(request)) : backend.api(request)
  }

  return {
    handlers: [http.all(`${baseUrl}/api/trace/*`, ({ request }) => answer(request))],
    log,
    close: backend.close,
  }
}

/** Mocked answers are not decoded on their way: none may be gzip. */
function uncompressed(request: Request): Request {
  if (!request.headers.has('Accept-Encoding')) return request
  const headers = new Headers(request.headers)
  headers.delete('Accept-Encoding')
  return new Request(request, { headers })
}

function kindOf({ method, url }: Request): ExchangeKind {
  const path = new URL(url).pathname.replace(/^.*\/api\/trace\//, '')
  if (path === 'seed-resolve' || path === 'lineage' || path === 'run') return path
  if (path === 'events' || path === 'events-async') return 'events'
  if (!path.startsWith('job/')) return 'other'
  if (path.endsWith('/stream')) return 'stream'
  if (path.endsWith('/result')) return 'result'
  if (path.endsWith('/lineage')) return 'lineage'
  return method === 'DELETE' ? 'cancel' : 'status'
}
