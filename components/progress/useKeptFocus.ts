import { onBeforeUpdate, onUpdated, type Ref } from 'vue'

/**
 * Keeps the keyboard inside `root` when what had the focus goes: a pressed button that makes way for others would
 * leave it at the top of the page. `root` needs `tabindex="-1"`.
 */
export function useKeptFocus(root: Readonly<Ref<HTMLElement | null>>) {
  const hasFocus = () => root.value !== null && root.value.contains(document.activeElement)
  let hadFocus = false
  onBeforeUpdate(() => (hadFocus = hasFocus()))
  onUpdated(() => {
    if (!hadFocus || hasFocus()) return
    const next = root.value?.querySelector<HTMLElement>('button') ?? root.value
    next?.focus({ preventScroll: true })
  })
}
