import type { ServerResponse } from 'node:http'

/**
 * Writes a web response, no faster than the client reads. A body that breaks off breaks the connection, so that
 * it cannot be taken for whole.
 */
export async function sendResponse(response: Response, res: ServerResponse): Promise<void> {
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
    for (;;) {
      const { done, value } = await reader.read()
      if (res.destroyed) return
      if (done) break
      if (!res.write(value)) await roomOrEnd(res)
    }
    res.end()
  } catch (cause) {
    res.destroy(cause instanceof Error ? cause : undefined)
  } finally {
    res.off('close', leave)
  }
}

/**
 * Resolves when more can be written, and others have had their turn: where the system takes all that it is given,
 * `drain` comes before anything else, and a stream whose rows are at hand would keep everybody waiting.
 */
function roomOrEnd(res: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const go = () => {
      res.off('drain', go)
      res.off('close', go)
      setImmediate(resolve)
    }
    res.once('drain', go)
    res.once('close', go)
  })
}
