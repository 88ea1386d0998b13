import { readonly, ref, toValue, watch, type MaybeRefOrGetter, type Ref } from 'vue'

/** What of the progress is worth saying. */
type Spoken = readonly [status: string, stage: string | null, fraction: number | null]

/** The text for a polite live region: changes at a new status, a new stage and each quarter, not in between. */
export function useSpokenProgress(
  words: MaybeRefOrGetter<string>,
  progress: () => Spoken,
): Readonly<Ref<string>> {
  const spoken = ref('')
  const part = (at: 0 | 1) => () => progress()[at]
  const quarter = () => Math.floor((progress()[2] ?? -1) * 4)
  watch(
    [part(0), part(1), quarter],
    ([status], [before]) => {
      // Nothing to say on a page that has just opened.
      if (before !== undefined || status !== 'idle') spoken.value = toValue(words)
    },
    { immediate: true },
  )
  return readonly(spoken)
}
