import { usePreferredDark } from '@vueuse/core'
import { computed } from 'vue'

/** The page's colours for canvases, which cannot read custom properties; they follow light and dark. */
export function useChartColours() {
  const isDark = usePreferredDark()
  return computed(() => {
    // Read for its value: the properties change with it.
    void isDark.value
    const style = getComputedStyle(document.documentElement)
    const colour = (name: string) => style.getPropertyValue(`--trace-${name}`).trim()
    return {
      text: colour('text'),
      muted: colour('text-muted'),
      line: colour('border'),
      surface: colour('surface'),
      bar: colour('accent'),
      interim: colour('text-muted'),
      danger: colour('danger'),
    }
  })
}
