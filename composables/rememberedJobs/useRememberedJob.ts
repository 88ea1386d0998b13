import { tryOnMounted, useEventListener } from '@vueuse/core'
import { computed, shallowRef, type WritableComputedRef } from 'vue'
import { recall, remember, storageKey, type RememberedJob } from './RememberedJob.js'

/** The job remembered under `name`, kept in step with other composables and tabs; without a name none is. */
export function useRememberedJob(name: string | undefined): WritableComputedRef<RememberedJob | null> {
  const known = shallowRef<RememberedJob | null>(null)

  function look() {
    known.value = recall(name)
  }

  if (name !== undefined) {
    // A server rendered the page without storage; the first client rendering must be the same.
    tryOnMounted(look)
    // Without a key, everything was cleared.
    useEventListener('storage', ({ key }) => (key === null || key === storageKey(name)) && look())
  }

  return computed({
    get: () => known.value,
    set(job) {
      if (name === undefined) return
      known.value = job
      // At once: the page may be left in the next moment.
      remember(name, job)
    },
  })
}
