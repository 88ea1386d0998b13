import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { errorResponse } from '../http/errorResponse.js'
import type { Turns } from './createTurns.js'

/** How long the last of what was written may be on its way before a reset drops it. */
const LINGER_MS = 200

/**
 * Writes a web response, no faster than the client reads. A body that fails before its first part becomes an error
 * answer; one that fails later resets the connection, so that it cannot be taken for whole.
 *
 * @param turns shared by all that may be long; what comes after the first part waits for one
 */
export async function sendResponse(response: Response, res: ServerResponse, turns?: Turns): Promise<void> {
  const reader = response.body?.getReader()
  if (!reader) {
    writeHead(response, res)
    res.end()
    return
  }
  const leave = () => void reader.cancel().catch(() => {})
  if (res.destroyed) return leave()
  res.once('close', leave)
  try {
    for (let parts = 0; ; parts++) {
      const { done, value } = await reader.read()
      if (parts === 0) writeHead(response, res)
      if (done) break
      if (parts > 0) await turns?.()
      if (res.destroyed) return
      if (!res.write(value)) await roomOrEnd(res)
    }
    if (!res.destroyed) res.end()
  } catch (cause) {
    await fail(res, cause)
  } finally {
    res.off('close', leave)
  }
}

function writeHead({ status, headers }: Response, res: ServerResponse) {
  res.statusCode = status
  headers.forEach((value, name) => {
    // What depends on the origin goes on depending on it.
    if (name === 'vary') res.appendHeader(name, value)
    else res.setHeader(name, value)
  })
}

async function fail(res: ServerResponse, cause: unknown) {
  if (res.destroyed) return
  // For the request's line in the log.
  res.err = cause instanceof Error ? cause : new Error(String(cause))
  if (!res.headersSent) {
    return sendResponse(errorResponse(cause, { nowMs: Date.now(), statusNames: 'default' }), res)
  }
  await new Promise((resolve) => setTimeout(resolve, LINGER_MS))
  resetConnection(res.req.socket)
}

/**
 * Ends a connection so that its reader sees an error. A reader of HTTP/1.0, as nginx is by default, takes a plain end
 * for the end of the answer.
 */
export function resetConnection(socket: Socket) {
  try {
    socket.resetAndDestroy()
  } catch {
    // Only TCP has resets; TLS and pipes end without their closing words.
    socket.destroy()
  }
}

function roomOrEnd(res: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const go = () => {
      res.off('drain', go)
      res.off('close', go)
      resolve()
    }
    res.once('drain', go)
    res.once('close', go)
  })
}
