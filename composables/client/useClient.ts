import { tryOnMounted } from '@vueuse/core'
import { shallowReadonly, shallowRef, type ShallowRef } from 'vue'
import { loadPart } from '../../src/client/http/loadPart.js'
import type { CancelAnswer } from '../../src/client/job/cancelJob.js'
import type { TraceContext } from '../../src/client/run/TraceContext.js'
import { toTraceError } from '../../src/errors.js'
import type * as clientModule from './client.js'
import type { JobAccepted } from '../../src/protocol/index.js'

export type Client = typeof clientModule

export interface UseClientReturn {
  /** The client, once it is here. */
  client: Readonly<ShallowRef<Client | null>>
  /** @throws {TraceError} `NETWORK_ERROR` */
  load: () => Promise<Client>
  /**
   * Cancels a job at the server, for this caller. Never rejects.
   *
   * @param isRemembered whether the job comes from storage, so that its addresses are not the server's word
   */
  cancelJob: (job: JobAccepted, context: TraceContext, isRemembered?: boolean) => Promise<CancelAnswer>
}

/**
 * The client, apart from the entry: half of the code is needed only once something is asked, and a page is painted
 * without it. It is loaded as soon as the component is mounted, so that the first question does not wait either.
 */
export function useClient(importClient = () => import('./client.js')): UseClientReturn {
  const client = shallowRef<Client | null>(null)

  async function load() {
    return (client.value ??= await loadPart(importClient))
  }

  async function cancelJob(
    job: JobAccepted,
    context: TraceContext,
    isRemembered = false,
  ): Promise<CancelAnswer> {
    try {
      const loaded = await load()
      if (isRemembered) loaded.assertOfApi(job, context.environment.baseUrl)
      return await loaded.cancelJob(job, context)
    } catch (cause) {
      return { status: 'failed', error: toTraceError(cause) }
    }
  }

  // A failure here is tried again, and reported, when something is asked.
  tryOnMounted(() => void load().catch(() => {}), false)

  return { client: shallowReadonly(client), load, cancelJob }
}
