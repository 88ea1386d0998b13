import type { App, InjectionKey, MaybeRefOrGetter, Plugin } from 'vue'
import type { FetchTransportOptions } from '../../src/browser/createFetchTransport.js'
import type { TraceEnvironment } from '../../src/client/ports/TraceEnvironment.js'
import type { TracePipeline } from '../../src/client/run/TracePipeline.js'
import type { TracePolicy } from '../../src/client/run/TracePolicy.js'
import type { TraceTransport } from '../../src/client/ports/TraceTransport.js'
import type { Catalogues, Locale } from '../../src/messages/MessageCatalogue.js'

/** How a page reaches its trace server; for a whole app (`createTrace`) or one call. */
export interface TraceSettings extends FetchTransportOptions {
  /** Where `/api/trace` lies; default: the page's origin. Other origins are never asked. */
  baseUrl?: string
  /** Language of messages; default `en`. */
  locale?: MaybeRefOrGetter<Locale>
  /** Languages of your own, or other words for some texts. */
  messages?: Catalogues
  /** The client's patience; see `DEFAULT_POLICY`. */
  policy?: Partial<TracePolicy>
  /**
   * How a question is put: by one job, or by its stages where the server has no such job (`auto`, the default); else only
   * by a `job`, or only by `stages`.
   */
  pipeline?: TracePipeline
  /** Instead of `fetch`, `headers` and `credentials`. */
  transport?: TraceTransport
  /** Instead of the browser, and of `baseUrl`: tests, workers, servers. */
  environment?: TraceEnvironment
}

// Registered, so that two copies or entries of the package find each other's settings.
export const TRACE_SETTINGS: InjectionKey<TraceSettings> = Symbol.for('vue-trace-progress.settings')

/** Settings for every composable of an app: `app.use(createTrace({ baseUrl, headers, locale }))`. */
export function createTrace(settings: TraceSettings = {}): Plugin {
  return {
    install(app: App) {
      app.provide(TRACE_SETTINGS, settings)
    },
  }
}
