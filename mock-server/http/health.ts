import type { Endpoint } from './Endpoint.js'
import { json } from './json.js'

/** GET /healthz: whether the process lives. */
export const healthz: Endpoint = async () => json({ status: 'ok' })

/** GET /readyz: whether it can work, and how much waits. */
export const readyz: Endpoint = async (_, __, { checkHealth }) => {
  const { isReady, store, queue } = await checkHealth()
  return json({ status: isReady ? 'ready' : 'unready', store, queue }, { status: isReady ? 200 : 503 })
}
