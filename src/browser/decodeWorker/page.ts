import { isTraceError } from '../../errors.js'
import type { ByteSource } from '../../json/readChunks.js'
import type { StreamEvent } from '../../protocol/model.js'
import type { DecodeOptions } from '../../records/decodeTraceStream.js'
import type { RecordBatch } from '../../records/RecordBatch.js'
import { connectDecodeWorker, type DecodeConnection, type DecodeWorkerPort } from './connection.js'
import { decodeInWorker } from './decodeInWorker.js'
import { fetchInWorker, takeFetchedBody, type FetchedRequest, type FetchedResponse } from './fetchInWorker.js'
import DecodeWorker from './decode.worker.js?worker&inline'

export interface WorkerDecoderOptions {
  /** Default: a worker made of code that lies in the package itself. */
  startWorker?: () => DecodeWorkerPort
  /** How long an idle worker is kept, in ms; default 10 s. */
  idleMs?: number
  /** How long a worker may take to start before the page decodes for itself, in ms; default 3 s. */
  startMs?: number
}

export interface WorkerDecoder {
  /** As `decodeTraceStream`; also throws `STREAM_TRUNCATED` when the worker breaks down. */
  decode: (
    bytes: ByteSource,
    options?: DecodeOptions,
  ) => AsyncGenerator<StreamEvent<RecordBatch>, void, undefined>
  /**
   * `fetch`, in the worker. A body given to `decode` then never passes through the page, which saves its thread a second
   * for 800 MB. The page fetches where there is no worker, and where the worker is refused what the page is not.
   */
  fetch: (url: string, init: FetchedRequest) => Promise<FetchedResponse>
  /** Starts the worker before a stream is expected: it takes some 100 ms to be ready. */
  prepare: () => Promise<void>
  /** Ends the worker, and with it every stream. A later `decode` starts another. */
  dispose: () => void
}

/**
 * Decodes trace streams in one Web Worker, which starts when it is first needed and stops when it is idle. The page
 * decodes in slices where there is no worker (a policy forbids it, servers, tests) or the worker broke down.
 */
export function createWorkerDecoder({
  startWorker = startInlineWorker,
  idleMs = 10_000,
  startMs = 3_000,
}: WorkerDecoderOptions = {}): WorkerDecoder {
  let connection: Promise<DecodeConnection | null> | null = null
  let isForbidden = false
  /** What the worker can reach. It may have fewer cookies than the page, and be allowed fewer hosts. */
  let reach: 'unknown' | 'as the page' | 'less' = 'unknown'
  let users = 0
  let idleTimer: ReturnType<typeof setTimeout> | undefined

  function forbid() {
    isForbidden = true
  }

  async function connected(): Promise<DecodeConnection | null> {
    if (isForbidden) return null
    connection ??= connectDecodeWorker({ startWorker, startMs, onBreakdown: forbid })
    return await connection
  }

  function dispose() {
    clearTimeout(idleTimer)
    void connection?.then((open) => open?.end())
    connection = null
  }

  async function use(): Promise<DecodeConnection | null> {
    clearTimeout(idleTimer)
    users++
    return await connected()
  }

  function release() {
    if (--users === 0 && connection && !isForbidden) idleTimer = setTimeout(dispose, idleMs)
  }

  /** `null` when the page must ask: there is no worker, or it may reach less than the page does. */
  async function fetchThere(url: string, init: FetchedRequest): Promise<FetchedResponse | null> {
    if (reach === 'less') return null
    const worker = await use()
    if (!worker) {
      release()
      return null
    }
    try {
      const response = await fetchInWorker(worker, url, init, release)
      if (reach === 'unknown' && isRefused(response)) {
        void response.body?.cancel()
        return null
      }
      reach = 'as the page'
      return response
    } catch (cause) {
      init.signal.throwIfAborted()
      if (reach === 'as the page' || isTraceError(cause)) throw cause
      return null
    }
  }

  return {
    async *decode(bytes, options) {
      const fetched = takeFetchedBody(bytes)
      if (fetched) return yield* decodeInWorker(fetched, null, options)
      try {
        const worker = await use()
        yield* worker ? decodeInWorker(worker.open(), bytes, options) : decodeOnPage(bytes, options)
      } finally {
        release()
      }
    },
    async fetch(url, init) {
      const fetched = await fetchThere(url, init)
      if (fetched) return fetched
      const response = await globalThis.fetch(url, init)
      if (reach === 'unknown' && !isForbidden && !isRefused(response)) reach = 'less'
      return response
    },
    prepare: () => use().then(release),
    dispose,
  }
}

/** Whether the server may have refused the sender and not the request. */
function isRefused({ type, status }: Pick<Response, 'type' | 'status'>): boolean {
  return type === 'opaqueredirect' || status === 401 || status === 403
}

/** Loaded when it is needed: most pages decode in the worker only. */
async function* decodeOnPage(bytes: ByteSource, options?: DecodeOptions) {
  const { decodeTraceStream } = await import('../../records/decodeTraceStream.js')
  yield* decodeTraceStream(bytes, options)
}

function startInlineWorker(): DecodeWorkerPort {
  return new DecodeWorker({ name: 'trace decoder' }) as unknown as DecodeWorkerPort
}

/** The decoder of this page. All composables share it, and so one worker. It starts nothing before it decodes. */
export const pageDecoder = /* @__PURE__ */ createWorkerDecoder()
