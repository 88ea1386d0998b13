import { isTraceError } from '../../errors.js'
import { sourceDescription, type SourceDescription } from '../../protocol/index.js'
import { callApi } from '../http/callApi.js'
import { endpoint } from '../http/resolveUrl.js'
import type { TraceContext } from '../run/TraceContext.js'
import { ORIGINAL_SERVICE } from './originalService.js'

/**
 * What may be asked of a server, and what its rows are. Servers that do not say (404, 405) are taken to be the original
 * service.
 *
 * @throws {TraceError} as any request; `UNEXPECTED_RESPONSE`
 */
export async function fetchDescription(context: TraceContext): Promise<SourceDescription> {
  const url = endpoint('describe', context.environment.baseUrl)
  try {
    const { body } = await callApi({ method: 'GET', url, timeoutMs: context.policy.statusTimeoutMs }, context)
    return sourceDescription(body)
  } catch (error) {
    if (isTraceError(error) && (error.status === 404 || error.status === 405)) return ORIGINAL_SERVICE
    throw error
  }
}
