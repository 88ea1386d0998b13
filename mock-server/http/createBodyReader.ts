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

interface Receiving {
  /** Most bytes of the body. */
  limit: number
  checkSize: (bytes: number) => void
  hold: (bytes: number) => void
}

/** Largest body without a list of ids: 10,000 values of 100 bytes in UTF-8. */
const SMALL_BYTES = 2 ** 20
/** Bodies are held in blocks of this size; while they are smaller, in some that double what is held. */
const BLOCK_BYTES = 64 * 1024
const FIRST_BLOCK_BYTES = 1024
/** Longest time without a byte, in ms. */
const STALL_MS = 15_000
/** When to come again, once there was no room. */
const RETRY_AFTER_MS = 5_000

const JSON_TYPE = /^application\/(json|[\w.+-]+\+json)\s*(;|$)/i
const CHARSET = /;\s*charset\s*=\s*"?([^\s";]*)/i

export function createBodyReader(options: BodyReaderOptions): BodyReader {
  const { clock, maxBytes = 64 * 2 ** 20, timeoutMs = 60_000 } = options
  const { budgetBytes = 2 * maxBytes } = options
  /** Bytes of the blocks that hold bodies on their way, and those that have come and are not read yet. */
  let heldBytes = 0

  /**
   * Reads a body part by part, and copies the parts into blocks: a part may be one byte, and as an array of its own takes
   * hundreds. `hold` is told of each block before it is made; it and `checkSize` may throw.
   */
  async function receive(
    reader: ReadableStreamDefaultReader<Uint8Array>,
    { limit, checkSize, hold }: Receiving,
  ): Promise<Uint8Array[]> {
    const beganMs = clock.monotonic()
    let lastMs = beganMs
    const over = new AbortController()
    let isLate = false
    let giveUp = () => {}

    /** Gives up when the body has not come in time, or makes no progress. */
    async function watch() {
      for (;;) {
        const dueMs = Math.min(beganMs + timeoutMs, lastMs + STALL_MS)
        if (over.signal.aborted) return
        if (clock.monotonic() >= dueMs) break
        await clock.sleep(dueMs - clock.monotonic(), over.signal).catch(() => {})
      }
      isLate = true
      giveUp()
    }

    /** The next part. A race with one long promise would leave a reaction in that promise for each part. */
    function nextPart() {
      return new Promise<ReadableStreamReadResult<Uint8Array>>((resolve, reject) => {
        giveUp = () => reject(tooSlow())
        if (isLate) return giveUp()
        reader.read().then(resolve, (cause: unknown) => reject(brokenOff(cause)))
      })
    }

    const utf8 = new TextDecoder('utf-8', { fatal: true })
    const blocks: Uint8Array[] = []
    let received = 0
    /** What the last block has room for. */
    let room = new Uint8Array()

    function copy(part: Uint8Array) {
      for (let at = 0; at < part.length;) {
        if (room.length === 0) {
          const wanted = Math.max(FIRST_BLOCK_BYTES, received, part.length - at)
          const size = Math.min(wanted, BLOCK_BYTES, limit - received)
          hold(size)
          room = new Uint8Array(size)
          blocks.push(room)
        }
        const piece = part.subarray(at, at + room.length)
        room.set(piece)
        room = room.subarray(piece.length)
        at += piece.length
        received += piece.length
      }
    }

    void watch()
    try {
      for (;;) {
        const next = await nextPart()
        if (next.done) break
        lastMs = clock.monotonic()
        checkSize(received + next.value.length)
        checkText(() => utf8.decode(next.value, { stream: true }))
        copy(next.value)
      }
      checkText(() => utf8.decode())
      const last = blocks.pop()
      if (last) blocks.push(last.subarray(0, last.length - room.length))
      return blocks
    } finally {
      over.abort()
    }
  }

  return {
    async read(request, size, use) {
      const limit = size === 'small' ? Math.min(SMALL_BYTES, maxBytes) : maxBytes
      const reader = request.body?.getReader()
      let own = 0
      function checkSize(bytes: number) {
        if (bytes > limit) throw tooLarge(size, limit)
      }
      function hold(bytes: number) {
        if (heldBytes + bytes > budgetBytes) throw noRoom(budgetBytes)
        heldBytes += bytes
        own += bytes
      }
      try {
        checkHeaders(request.headers)
        checkSize(Number(request.headers.get('Content-Length')))
        return await use(reader ? await receive(reader, { limit, checkSize, hold }) : [])
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

function brokenOff(cause: unknown): TraceError {
  return new TraceError('INVALID_PARAMS', 'request body broke off', { cause })
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
  return new TraceError('REQUEST_TIMEOUT', 'request body did not come in time; send it again')
}

function noRoom(budgetBytes: number): TraceError {
  const message = `The server is being sent as much as it can hold (${Math.round(budgetBytes / 2 ** 20)} MB); try again later`
  return new TraceError('MEMORY_GUARD', message, { retryAfterMs: RETRY_AFTER_MS })
}

function short(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text
}
