import { tryOnMounted, tryOnScopeDispose } from '@vueuse/core'
import { shallowReadonly, shallowRef, type ShallowRef } from 'vue'
import { toTraceError, type TraceError } from '../../src/errors.js'
import type { SourceDescription } from '../../src/protocol/index.js'
import { useClient } from '../client/useClient.js'
import type { TraceSettings } from '../createTrace/createTrace.js'
import { useTraceSettings } from '../createTrace/useTraceSettings.js'

export interface UseTraceDescriptionReturn {
  /** What may be asked and what the rows are; `null` until it is here. */
  description: Readonly<ShallowRef<SourceDescription | null>>
  /** Why it could not be had; `load()` tries again. */
  error: Readonly<ShallowRef<TraceError | null>>
  isLoading: Readonly<ShallowRef<boolean>>
  /** Asks for it, again if need be. Never rejects. */
  load: () => Promise<void>
}

/**
 * What a server says of itself (`GET /api/trace/describe`): for forms, headings and formats. It is asked for when the
 * component is mounted. Servers that do not say are taken to be the original service.
 */
export function useTraceDescription(options: TraceSettings = {}): UseTraceDescriptionReturn {
  const { context } = useTraceSettings(options)
  const { load: loadClient } = useClient()
  const description = shallowRef<SourceDescription | null>(null)
  const error = shallowRef<TraceError | null>(null)
  const isLoading = shallowRef(false)
  let controller = new AbortController()

  async function load() {
    controller.abort()
    const { signal } = (controller = new AbortController())
    isLoading.value = true
    error.value = null
    try {
      const { fetchDescription } = await loadClient()
      const found = await fetchDescription(context(signal))
      if (!signal.aborted) description.value = found
    } catch (cause) {
      if (!signal.aborted) error.value = toTraceError(cause)
    } finally {
      if (!signal.aborted) isLoading.value = false
    }
  }

  tryOnMounted(() => void load(), false)
  tryOnScopeDispose(() => controller.abort())

  return {
    description: shallowReadonly(description),
    error: shallowReadonly(error),
    isLoading: shallowReadonly(isLoading),
    load,
  }
}
