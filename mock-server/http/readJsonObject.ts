import { TraceError } from '../../src/errors.js'
import { isNestedDeeperThan } from './isNestedDeeperThan.js'

const JSON_TYPE = /^application\/(json|[\w.+-]+\+json)\s*(;|$)/i
/** So much of a body that is too large is still read, so that its sender gets to read the answer. */
const DRAIN_FACTOR = 4
/** Deepest a body may nest; the protocol's own are five deep, `params` is the asker's. */
const MAX_DEPTH = 64

/**
 * The request's body, which must be a JSON object in a JSON content type.
 *
 * @throws {TraceError} `INVALID_PARAMS`, `BODY_TOO_LARGE`
 */
export async function readJsonObject(request: Request, maxBytes: number): Promise<Record<string, unknown>> {
  const text = await readText(request, maxBytes)
  const isJson = JSON_TYPE.test(request.headers.get('Content-Type') ?? '')
  const value = isJson && !isNestedDeeperThan(MAX_DEPTH, text) ? parse(text) : undefined
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new TraceError('INVALID_PARAMS', 'request body must be JSON object')
  }
  return value as Record<string, unknown>
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

async function readText(request: Request, maxBytes: number): Promise<string> {
  if (!request.body) return request.text()
  const decoder = new TextDecoder()
  const reader = request.body.getReader()
  let bytes = 0
  let text = ''
  for (;;) {
    const { done, value } = await reader.read().catch(brokenOff)
    if (done) break
    bytes += value.length
    text = bytes <= maxBytes ? text + decoder.decode(value, { stream: true }) : ''
    if (bytes > maxBytes * DRAIN_FACTOR) {
      void reader.cancel().catch(() => {})
      break
    }
  }
  if (bytes > maxBytes) throw tooLarge(maxBytes)
  return text + decoder.decode()
}

function brokenOff(cause: unknown): never {
  throw new TraceError('INVALID_PARAMS', 'request body broke off', { cause })
}

function tooLarge(maxBytes: number): TraceError {
  const limit = Math.round(maxBytes / 2 ** 20)
  const message = `request body is larger than ${limit} MB; send a lineage_id instead of ids`
  return new TraceError('BODY_TOO_LARGE', message, { details: { limit: maxBytes } })
}
