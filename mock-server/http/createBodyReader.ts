import { TraceError } from '../../src/errors.js'
import type { Clock } from '../ports/index.js'

/** Reads requests' bodies whole, as the bytes of JSON in UTF-8. */
export interface BodyReader {
  /**
   * What `use` makes of the body, which it gets in parts; until then its bytes count among those that are held.
   *
   * @throws {TraceError} `INVALID_PARAMS`, `UNSUPPORTED_MEDIA_TYPE`, `BODY_TOO_LARGE`, `REQUEST_TIMEOUT`,
   *   `MEMORY_GUARD` when others are sending as much as may be held
   */
  read: <T>(request: Request, size: BodySize, use: (parts: Uint8Array[]) => Promise<T>) => Promise<T>
}

/** `small` where no list of ids is sent. */
export type BodySize = 'small' | 'large'

export interface BodyReaderOptions {
  clock: Clock
  /** Largest body, in bytes; default 64 MiB. */
  maxBytes?: number
  /** Most bytes of all bodies together; default: twice the largest. */
  budgetBytes?: number
  /** Longest time a body may take to come, in ms; default a minute. */
  timeoutMs?: number
}

/** Largest body without a list of ids: 10,000 values of 100 characters. */
const SMALL_BYTES = 2 ** 20
/** Longest time without a byte, in ms. */
const STALL_MS = 15_000
/** When to come again, once there was no room. */
const RETRY_AFTER_MS = 5_000

const JSON_TYPE = /^application\/(json|[\w.+-]+\+json)\s*(;|$)/i
const CHARSET = /;\s*charset\s*=\s*"?([^\s";]*)/i

export function createBodyReader(options: BodyReaderOptions): BodyReader {
  const { clock, maxBytes = 64 * 2 ** 20, timeoutMs = 60_000 } = options
  const { budgetBytes = 2 * maxBytes } = options
  /** Bytes of bodies that are on their way, or have come and are not read yet. */
  let heldBytes = 0

  /** Reads a body part by part; `hold` is told of each, and may throw. */
  async function receive(reader: ReadableStreamDefaultReader<Uint8Array>, hold: (bytes: number) => void) {
    const beganMs = clock.monotonic()
    let lastMs = beganMs
    const over = new AbortController()

    /** Resolves when the body has not come in time, or makes no progress. */
    async function watch(): Promise<'late'> {
      for (;;) {
        const dueMs = Math.min(beganMs + timeoutMs, lastMs + STALL_MS)
        if (clock.monotonic() >= dueMs || over.signal.aborted) return 'late'
        await clock.sleep(dueMs - clock.monotonic(), over.signal)
      }
    }

    const utf8 = new TextDecoder('utf-8', { fatal: true })
    const parts: Uint8Array[] = []
    const late = watch()
    try {
      for (;;) {
        const next = await Promise.race([reader.read().catch(brokenOff), late])
        if (next === 'late') throw tooSlow()
        if (next.done) break
        lastMs = clock.monotonic()
        hold(next.value.length)
        checkText(() => utf8.decode(next.value, { stream: true }))
        parts.push(next.value)
      }
      checkText(() => utf8.decode())
      return parts
    } finally {
      over.abort()
    }
  }

  return {
    async read(request, size, use) {
      const limit = size === 'small' ? Math.min(SMALL_BYTES, maxBytes) : maxBytes
      const reader = request.body?.getReader()
      let own = 0
      function hold(bytes: number) {
        if (own + bytes > limit) throw tooLarge(size, limit)
        if (heldBytes + bytes > budgetBytes) throw noRoom(budgetBytes)
        heldBytes += bytes
        own += bytes
      }
      try {
        checkHeaders(request.headers)
        if (Number(request.headers.get('Content-Length')) > limit) throw tooLarge(size, limit)
        return await use(reader ? await receive(reader, hold) : [])
      } catch (cause) {
        // What is still to come is thrown away, not stopped: its sender may read the answer only when all is sent.
        if (reader) void discard(reader)
        throw cause
      } finally {
        heldBytes -= own
      }
    },
  }
}

/** Reads what is still to come of a body, and throws it away. */
export async function discard(reader: ReadableStreamDefaultReader<Uint8Array>) {
  try {
    while (!(await reader.read()).done);
  } catch {
    // The sender has gone.
  }
}

/** What can be refused before a byte of the body has come. */
function checkHeaders(headers: Headers) {
  const encoding = headers.get('Content-Encoding')?.trim() ?? ''
  if (encoding !== '' && encoding.toLowerCase() !== 'identity') {
    throw unsupported(`request body must be sent as it is, not in Content-Encoding ${short(encoding)}`)
  }
  const type = headers.get('Content-Type') ?? ''
  if (!JSON_TYPE.test(type)) throw new TraceError('INVALID_PARAMS', 'request body must be JSON object')
  const charset = CHARSET.exec(type)?.[1] ?? ''
  if (charset !== '' && !/^utf-?8$/i.test(charset)) {
    throw unsupported(`request body must be in UTF-8, not in charset ${short(charset)}`)
  }
}

function checkText(decode: () => string) {
  try {
    decode()
  } catch (cause) {
    throw new TraceError('INVALID_PARAMS', 'request body must be UTF-8', { cause })
  }
}

function brokenOff(cause: unknown): never {
  throw new TraceError('INVALID_PARAMS', 'request body broke off', { cause })
}

function unsupported(message: string): TraceError {
  return new TraceError('UNSUPPORTED_MEDIA_TYPE', message)
}

function tooLarge(size: BodySize, limit: number): TraceError {
  const hint = size === 'large' ? 'send a lineage_id instead of ids' : 'ask for fewer values'
  const message = `request body is larger than ${Math.round(limit / 2 ** 20)} MB; ${hint}`
  return new TraceError('BODY_TOO_LARGE', message, { details: { limit } })
}

function tooSlow(): TraceError {
  return new TraceError('REQUEST_TIMEOUT', 'request body did not come in time; send it again', {
    status: 408,
  })
}

function noRoom(budgetBytes: number): TraceError {
  const message = `The server is being sent as much as it can hold (${Math.round(budgetBytes / 2 ** 20)} MB); try again later`
  return new TraceError('MEMORY_GUARD', message, { retryAfterMs: RETRY_AFTER_MS })
}

function short(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text
}
