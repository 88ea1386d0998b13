import type { ServerResponse } from 'node:http'
import type { Turns } from './createTurns.js'

/**
 * Writes a web response, no faster than the client reads. A body that breaks off breaks the connection, so that
 * it cannot be taken for whole.
 *
 * @param turns shared by all that may be long; what comes after the first part waits for one
 */
export async function sendResponse(response: Response, res: ServerResponse, turns?: Turns): Promise<void> {
  res.statusCode = response.status
  response.headers.forEach((value, name) => res.setHeader(name, value))
  if (!response.body) {
    res.end()
    return
  }
  const reader = response.body.getReader()
  const leave = () => void reader.cancel().catch(() => {})
  if (res.destroyed) return leave()
  res.once('close', leave)
  try {
    for (let parts = 0; ; parts++) {
      const { done, value } = await reader.read()
      if (done) break
      if (parts > 0) await turns?.()
      if (res.destroyed) return
      if (!res.write(value)) await roomOrEnd(res)
    }
    if (!res.destroyed) res.end()
  } catch (cause) {
    res.destroy(cause instanceof Error ? cause : undefined)
  } finally {
    res.off('close', leave)
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
