import { systemClock } from '../async/clock.js'
import type {
  NetworkStatus,
  PageVisibility,
  StreamDecoder,
  TraceEnvironment,
} from '../client/ports/TraceEnvironment.js'
import { loadPageDecoder } from './decodeWorker/loadPageDecoder.js'

export interface BrowserEnvironmentOptions {
  /** Where `/api/trace` lies; a relative one is of the page. Default: the page's origin. */
  baseUrl?: string
}

/** The world as a browser shows it. Made and used without a `window`, it is always visible and online. */
export function createBrowserEnvironment({
  baseUrl = '/',
}: BrowserEnvironmentOptions = {}): TraceEnvironment {
  return {
    baseUrl: new URL(baseUrl, pageOrigin()).href,
    random: () => Math.random(),
    ...systemClock,
    ...pageVisibility,
    ...networkStatus,
    ...lazyDecoder,
  }
}

const pageVisibility: PageVisibility = {
  isHidden: () => globalThis.document?.visibilityState === 'hidden',
  onVisibilityChange: (listener) => listen(globalThis.document, 'visibilitychange', listener),
}

const networkStatus: NetworkStatus = {
  isOnline: () => globalThis.navigator?.onLine !== false,
  onOnline: (listener) => listen(globalThis.window, 'online', listener),
}

/** The page's decoder, loaded when a run begins. A failure then is tried again, and reported, by `decode`. */
const lazyDecoder: StreamDecoder = {
  async *decode(bytes, options) {
    yield* (await loadPageDecoder()).decode(bytes, options)
  },
  prepareDecode: () =>
    void loadPageDecoder().then(
      ({ prepare }) => prepare(),
      () => {},
    ),
}

function pageOrigin(): string {
  const href = globalThis.location?.href ?? ''
  // Pages without an origin (files, srcdoc, servers) must name a baseUrl to ask anything.
  return /^https?:/.test(href) ? href : 'http://localhost'
}

function listen(target: EventTarget | undefined, type: string, listener: () => void): () => void {
  // A function for each call: without the event, and so that the same listener may be given twice.
  const own = () => listener()
  target?.addEventListener(type, own)
  return () => target?.removeEventListener(type, own)
}
