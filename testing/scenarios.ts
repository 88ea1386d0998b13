import { editLines, rechunk, type EditedLine } from './editBody.js'
import type { Exchange, Scenario, WorkerStage } from './Scenario.js'

/** Everything works. */
export function happy(): Scenario {
  return { name: 'happy' }
}

/** The named domains fail at the source; the others are whole. */
export function partial(...domains: string[]): Scenario {
  return { name: `partial(${domains.join(', ')})`, failingDomains: domains }
}

/** The first `times` streams end behind line `line` as if they were whole. */
export function truncateAt(line: number, times = Infinity): Scenario {
  return editStreams(`truncateAt(${line})`, times, (bytes, number) => ({
    bytes: [bytes],
    then: number === line ? 'close' : undefined,
  }))
}

/** The first `times` streams break behind line `line`, in the middle of the next. */
export function cutAt(line: number, times = Infinity): Scenario {
  return editStreams(`cutAt(${line})`, times, (bytes, number) =>
    number <= line ? { bytes: [bytes] } : { bytes: [bytes.subarray(0, bytes.length >> 1)], then: 'cut' },
  )
}

/** The first `times` streams lack line `line`. */
export function dropLine(line: number, times = Infinity): Scenario {
  return editStreams(`dropLine(${line})`, times, (bytes, number) => ({
    bytes: number === line ? [] : [bytes],
  }))
}

/** The first `times` streams have line `line` twice. */
export function duplicate(line: number, times = Infinity): Scenario {
  return editStreams(`duplicate(${line})`, times, (bytes, number) => ({
    bytes: number === line ? [bytes, bytes] : [bytes],
  }))
}

/** In the first `times` streams, line `line` is no JSON. */
export function damage(line: number, times = Infinity): Scenario {
  return editStreams(`damage(${line})`, times, (bytes, number) => ({
    bytes: number === line ? [bytes.slice(1)] : [bytes],
  }))
}

/** The first `times` streams say nothing for `ms` before line `line`. */
export function stall(ms: number, line = 3, times = 1): Scenario {
  return editStreams(`stall(${ms})`, times, async (bytes, number, { clock, request }) => {
    if (number === line) await clock.sleep(ms, request.signal)
    return { bytes: [bytes] }
  })
}

/** Streams come in pieces of `size` bytes, cutting CJK characters in the middle. */
export function pieces(size = 7): Scenario {
  return {
    name: `pieces(${size})`,
    intercept: async ({ kind }, answer) => {
      const response = await answer()
      return isLines(kind, response) ? rechunk(response, size) : response
    },
  }
}

/**
 * The first `times` status requests are answered with `status`; 0 means that the network is gone. The job cannot be
 * followed: a page that follows a job asks for no status.
 */
export function pollFails(status: number, times = 1): Scenario {
  const name = `pollFails(${status}, ${times})`
  return { ...combine(withoutFollow(), failing(name, 'status', status, times)), name }
}

/** The first `times` stream requests are answered with `status`; 0 means that the network is gone. */
export function streamFails(status: number, times = 1): Scenario {
  return failing(`streamFails(${status}, ${times})`, 'stream', status, times)
}

/** The first `times` requests of each kind are refused by the rate limit, which says when to come back. */
export function rateLimited(times = 1, retryAfterSeconds = 1): Scenario {
  return {
    name: `rateLimited(${times}, ${retryAfterSeconds})`,
    intercept: async ({ attempt }, answer) => (attempt <= times ? tooMany(retryAfterSeconds) : answer()),
  }
}

/**
 * The worker dies every time, until the queue gives the job up.
 *
 * @param stage it dies once, in this stage, and another goes on where it was
 */
export function workerDies(stage?: WorkerStage): Scenario {
  if (stage) return { name: `workerDies(${stage})`, workerDiesIn: stage }
  return {
    name: 'workerDies',
    wrapWorker: () => () => Promise.reject(new Error('The worker was killed')),
  }
}

/** The job waits `ms` in the queue before a worker takes it. */
export function slowQueue(ms: number): Scenario {
  return {
    name: `slowQueue(${ms})`,
    wrapWorker: (work, clock) => async (attempt) => {
      await clock.sleep(ms, attempt.signal)
      await work(attempt)
    },
  }
}

/** The job's result has expired when the page asks for it. */
export function expires(): Scenario {
  return {
    name: 'expires',
    intercept: async ({ kind }, answer) =>
      kind === 'stream' || kind === 'result' || kind === 'status'
        ? envelope(404, 'JOB_RESULT_EXPIRED', 'job result has expired')
        : answer(),
  }
}

/** The factory gives its rows at this pace. */
export function slow(rowsPerSecond: number): Scenario {
  return { name: `slow(${rowsPerSecond})`, rowsPerSecond }
}

/** Each lineage query takes `ms`. */
export function slowLineage(ms: number): Scenario {
  return { name: `slowLineage(${ms})`, lineageMs: ms }
}

/** These values find nothing. */
export function unmatched(...values: string[]): Scenario {
  return { name: `unmatched(${values.join(', ')})`, unknownValues: values }
}

/** The server cannot be followed, as the original cannot: jobs are polled, and streamed when they are done. */
export function withoutFollow(): Scenario {
  return {
    name: 'withoutFollow',
    intercept: async (_, answer) => {
      const response = await answer()
      if (response.status !== 202) return response
      const { follow_url: _url, ...body } = await response.json()
      return Response.json(body, { status: 202 })
    },
  }
}

/** Several scenarios at once; the first stands nearest to the page. */
export function combine(...scenarios: Scenario[]): Scenario {
  return {
    name: scenarios.map(({ name }) => name).join(' + '),
    failingDomains: scenarios.flatMap(({ failingDomains = [] }) => failingDomains),
    workerDiesIn: scenarios.find(({ workerDiesIn }) => workerDiesIn !== undefined)?.workerDiesIn,
    lineageMs: scenarios.find(({ lineageMs }) => lineageMs !== undefined)?.lineageMs,
    unknownValues: scenarios.flatMap(({ unknownValues = [] }) => unknownValues),
    rowsPerSecond: scenarios.find(({ rowsPerSecond }) => rowsPerSecond !== undefined)?.rowsPerSecond,
    intercept: (exchange, answer) =>
      scenarios.reduceRight<() => Promise<Response>>(
        (next, { intercept }) => (intercept ? () => intercept(exchange, next) : next),
        answer,
      )(),
    wrapWorker: (work, clock) =>
      scenarios.reduceRight((next, { wrapWorker }) => wrapWorker?.(next, clock) ?? next, work),
  }
}

type LineEdit = (line: Uint8Array, number: number, exchange: Exchange) => EditedLine | Promise<EditedLine>

function editStreams(name: string, times: number, edit: LineEdit): Scenario {
  return {
    name,
    intercept: async (exchange, answer) => {
      const response = await answer()
      const applies = exchange.attempt <= times && isLines(exchange.kind, response)
      return applies ? editLines(response, (line, number) => edit(line, number, exchange)) : response
    },
  }
}

function failing(name: string, kind: Exchange['kind'], status: number, times: number): Scenario {
  return {
    name,
    intercept: async (exchange, answer) => {
      if (exchange.kind !== kind || exchange.attempt > times) return answer()
      return status === 0 ? Response.error() : new Response(`<h1>${status}</h1>`, { status })
    },
  }
}

function isLines(kind: Exchange['kind'], response: Response): boolean {
  const isStream = kind === 'stream' || kind === 'events'
  return isStream && (response.headers.get('Content-Type') ?? '').startsWith('application/x-ndjson')
}

function tooMany(retryAfterSeconds: number): Response {
  const response = envelope(429, 'TOO_MANY_REQUESTS', '請求過於頻繁，請稍後再試')
  response.headers.set('Retry-After', String(retryAfterSeconds))
  return response
}

function envelope(status: number, code: string, message: string): Response {
  return Response.json({ success: false, error: { code, message }, meta: {} }, { status })
}
