import { loadPart } from '../../client/http/loadPart.js'
import type { WorkerDecoder } from './page.js'

/**
 * Loads the decoder, and the worker inside it, with the first question: nothing needs them earlier.
 *
 * @throws {TraceError} `NETWORK_ERROR`
 */
export async function loadPageDecoder(): Promise<WorkerDecoder> {
  const { pageDecoder } = await loadPart(() => import('./page.js'))
  return pageDecoder
}
