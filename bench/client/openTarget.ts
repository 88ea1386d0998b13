import type { Browser } from 'playwright'

/** A page, spoken to by the DevTools protocol alone. */
export interface Target {
  send: <T>(method: string, params?: object) => Promise<T>
  /** The value of an expression, once it is settled. */
  evaluate: <T>(expression: string) => Promise<T>
}

/**
 * Opens a page without Playwright's instrumentation. Its own pages have the browser keep what is downloaded, for its
 * inspector: 811 MB pass through that on the very thread that is measured.
 */
export async function openTarget(browser: Browser, url: string): Promise<Target> {
  const session = await browser.newBrowserCDPSession()
  const { browserContextId } = await session.send('Target.createBrowserContext')
  const { targetId } = await session.send('Target.createTarget', {
    url,
    browserContextId,
    width: 1280,
    height: 720,
  })
  const { sessionId } = await session.send('Target.attachToTarget', { targetId, flatten: false })

  const waiting = new Map<number, { resolve: (result: never) => void; reject: (error: Error) => void }>()
  session.on('Target.receivedMessageFromTarget', ({ message }) => {
    const { id, result, error } = JSON.parse(message) as {
      id?: number
      result: never
      error?: { message: string }
    }
    const caller = waiting.get(id ?? 0)
    waiting.delete(id ?? 0)
    if (error) caller?.reject(new Error(error.message))
    else caller?.resolve(result)
  })
  browser.on('disconnected', () => {
    for (const { reject } of waiting.values()) reject(new Error('The browser has ended'))
  })

  let lastId = 0
  function send<T>(method: string, params: object = {}): Promise<T> {
    const id = ++lastId
    return new Promise<T>((resolve, reject) => {
      waiting.set(id, { resolve, reject })
      const message = JSON.stringify({ id, method, params })
      session.send('Target.sendMessageToTarget', { sessionId, message }).catch(reject)
    })
  }

  async function evaluate<T>(expression: string): Promise<T> {
    const { result, exceptionDetails } = await send<{
      result: { value: T }
      exceptionDetails?: { text: string; exception?: { description?: string } }
    }>('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true })
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text)
    return result.value
  }

  return { send, evaluate }
}
