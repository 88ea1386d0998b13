import { loadPart } from '../../client/http/loadPart.js'
import type { WorkerDecoder } from './page.js'

/**
 * Loaded with the first question: before it, nobody needs a decoder or the worker it brings.
 *
 * @throws {TraceError} `NETWORK_ERROR`
 */
export async function loadPageDecoder(): Promise<WorkerDecoder> {
  const { pageDecoder } = await loadPart(() => import('./pageDecoder.js'))
  return pageDecoder
}
