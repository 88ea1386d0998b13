import { onScopeDispose, shallowReadonly, shallowRef } from 'vue'

export type PageName = 'defects' | 'lots' | 'any'

const PAGES: readonly PageName[] = ['defects', 'lots', 'any']

/** Where the reader is, as the address says: `#/lots?profile=query_tool&…`. */
export interface Route {
  page: PageName
  query: URLSearchParams
}

/** The address behind the `#`, kept in step with the browser's back and forward. */
export function useRoute() {
  const route = shallowRef(parseRoute(location.hash))
  const look = () => (route.value = parseRoute(location.hash))
  addEventListener('popstate', look)
  onScopeDispose(() => removeEventListener('popstate', look))

  /** Writes the question into the address, as a step that can be gone back. */
  function go(page: PageName, query: URLSearchParams) {
    const hash = hashOf(page, query)
    if (hash !== location.hash) history.pushState(null, '', hash)
    route.value = { page, query }
  }

  return { route: shallowReadonly(route), go }
}

export function hashOf(page: PageName, query: URLSearchParams = new URLSearchParams()): string {
  const text = query.toString()
  return `#/${page}${text && `?${text}`}`
}

function parseRoute(hash: string): Route {
  const [path, query] = hash.replace(/^#\/?/, '').split('?', 2)
  const page = PAGES.find((name) => name === path) ?? 'defects'
  return { page, query: new URLSearchParams(query) }
}
