import { tryOnScopeDispose } from '@vueuse/core'
import { getCurrentInstance, hasInjectionContext, inject, onMounted, ssrContextKey } from 'vue'
import type { ResolvedSettings } from './createTrace/useTraceSettings.js'

/** When the requests of a composable may begin. */
export interface Starter {
  /**
   * Calls `start` now; in a component that is being set up, when it is mounted. Calls `drop` instead on a server, when
   * another `begin` replaces this one, or when the scope ends before.
   */
  begin: (start: () => void, drop?: () => void) => void
  /** Drops what has not begun. */
  drop: () => void
}

/**
 * A server renders a component once and throws it away: it would never read an answer, and nothing would end the
 * request. The browser sets the component up again, and must first render what the server has.
 *
 * @param name of the function to warn of
 */
export function useStarter(
  name: string,
  { isEnvironmentGiven }: Pick<ResolvedSettings, 'isEnvironmentGiven'>,
): Starter {
  const component = getCurrentInstance()
  const isOnServer = component ? isServerRendered() : !isEnvironmentGiven && isServer()
  // A hook such as `onMounted` has a component too, one that is not mounted a second time.
  let isMounted = component === null || component.isMounted
  let waiting: { start: () => void; drop: () => void } | null = null

  function start() {
    const { start = () => {} } = waiting ?? {}
    waiting = null
    start()
  }

  function drop() {
    const { drop = () => {} } = waiting ?? {}
    waiting = null
    drop()
  }

  if (!isMounted && !isOnServer) {
    onMounted(() => {
      isMounted = true
      start()
    })
  }
  tryOnScopeDispose(drop)

  return {
    drop,
    begin(startNow, dropNow = () => {}) {
      drop()
      if (isOnServer) {
        if (!component) warn(name)
        return dropNow()
      }
      if (isMounted) return startNow()
      waiting = { start: startNow, drop: dropNow }
      // A setup that waits for the answer is mounted only after it.
      queueMicrotask(() => isAwaited(component) && start())
    },
  }
}

function isServerRendered(): boolean {
  return hasInjectionContext() && inject(ssrContextKey, null) !== null
}

/** Neither a page nor a worker. */
function isServer(): boolean {
  return !('document' in globalThis) && !('importScripts' in globalThis)
}

/** Vue sets `asyncDep` as soon as setup returns a promise; it is not among the public types. */
function isAwaited(component: object | null): boolean {
  return Boolean((component as { asyncDep?: unknown } | null)?.asyncDep)
}

function warn(name: string) {
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } }
  if (process?.env?.NODE_ENV === 'production') return
  console.warn(
    `[vue-trace-progress] ${name}() was used on a server, outside of a component: nothing is asked there. ` +
      "Use it in a component's setup, which the browser runs again, or pass an environment of your own.",
  )
}
