import { hasInjectionContext, inject, toValue } from 'vue'
import { createBrowserEnvironment } from '../../src/browser/createBrowserEnvironment.js'
import { createFetchTransport } from '../../src/browser/createFetchTransport.js'
import { DEFAULT_POLICY, type TracePolicy } from '../../src/client/run/TracePolicy.js'
import type { TracePipeline } from '../../src/client/run/TracePipeline.js'
import type { TraceContext } from '../../src/client/run/TraceContext.js'
import type { TraceEnvironment } from '../../src/client/ports/TraceEnvironment.js'
import type { TraceTransport } from '../../src/client/ports/TraceTransport.js'
import type { Catalogues, Locale } from '../../src/messages/MessageCatalogue.js'
import { TRACE_SETTINGS, type TraceSettings } from './createTrace.js'

/** Settings of one composable, with every default filled in. */
export interface ResolvedSettings {
  readonly transport: TraceTransport
  readonly environment: TraceEnvironment
  /** Whether the environment was given; else the browser's is taken. */
  readonly isEnvironmentGiven: boolean
  readonly policy: TracePolicy
  readonly pipeline: TracePipeline
  readonly messages: Catalogues
  /** The present language. */
  locale: () => Locale
  /** What a request works with until `signal` ends it. */
  context: (signal: AbortSignal) => TraceContext
}

/** The settings of a call over those of the app. To be called in setup, as `inject` is. */
export function useTraceSettings(own: TraceSettings): ResolvedSettings {
  const app = hasInjectionContext() ? inject(TRACE_SETTINGS, {}) : {}
  const given: TraceSettings = { ...app, ...withoutUndefined(own) }
  const transport = given.transport ?? createFetchTransport(given)
  const environment = given.environment ?? createBrowserEnvironment(given)
  const policy = { ...DEFAULT_POLICY, ...app.policy, ...own.policy }
  return {
    transport,
    environment,
    isEnvironmentGiven: given.environment !== undefined,
    policy,
    pipeline: given.pipeline ?? 'auto',
    messages: given.messages ?? {},
    locale: () => toValue(given.locale) ?? 'en',
    context: (signal) => ({ transport, environment, policy, signal }),
  }
}

function withoutUndefined<T extends object>(object: T): Partial<T> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as Partial<T>
}
