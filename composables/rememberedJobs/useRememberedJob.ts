import { useStorage } from '@vueuse/core'
import { shallowRef, type Ref } from 'vue'
import { parseRemembered, storageKey, type RememberedJob } from './RememberedJob.js'

/** The job remembered under `name`, here and in other tabs; without a name, or storage, nothing is kept. */
export function useRememberedJob(name: string | undefined): Ref<RememberedJob | null> {
  if (name === undefined) return shallowRef(null)
  return useStorage<RememberedJob | null>(storageKey(name), null, undefined, {
    serializer: { read: parseRemembered, write: (value) => JSON.stringify(value) },
    shallow: true,
    deep: false,
    // A server rendered the page without storage; the first client rendering must be the same.
    initOnMounted: true,
    // At once: the page may be left in the next moment.
    flush: 'sync',
    // A full or forbidden storage costs the memory of the job, not the job.
    onError: () => {},
  })
}
