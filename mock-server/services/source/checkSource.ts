import type { ProfileDescription, SourceDescription } from '../../../src/protocol/index.js'
import type { PartialSource, TraceSource } from '../../ports/index.js'
import { checkDescription } from './checkDescription.js'

/** A source that has all methods, and what it says of itself. */
export interface CheckedSource {
  source: TraceSource
  description: SourceDescription
}

type Method = Exclude<keyof TraceSource, 'describe' | 'close'>

/**
 * Checks a source of the user's own. Methods that none of its profiles needs may be missing; they reject when they are
 * called all the same.
 *
 * @throws {Error} one sentence with the path of the first mistake, from `source` on
 */
export function checkSource(given: PartialSource): CheckedSource {
  const source: unknown = given
  if (typeof source !== 'object' || source === null) {
    throw new Error('source must be an object with describe(), or a function that makes one.')
  }
  const methods = source as Record<string, unknown>
  if (typeof methods.describe !== 'function') {
    throw new Error(
      'source.describe must be there: a function that says which profiles and domains there are.',
    )
  }
  const description = checkDescription(describe(given), 'source.describe()')
  description.profiles.forEach((profile, i) => {
    for (const method of methodsOf(profile)) {
      if (typeof methods[method] === 'function') continue
      throw new Error(
        `source.${method} must be there: a function that source.describe().profiles[${i}] (${profile.name}) needs.`,
      )
    }
  })
  return { source: fillUp(given), description }
}

function describe(source: PartialSource): unknown {
  try {
    return source.describe()
  } catch (cause) {
    throw new Error(`source.describe() failed: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    })
  }
}

function methodsOf({ stages, figures }: ProfileDescription): Method[] {
  if (!stages.includes('seeds')) return ['rows']
  return [
    'resolveSeeds',
    'events',
    ...(stages.includes('lineage') ? (['lineage'] as const) : []),
    ...(figures ? (['detections'] as const) : []),
  ]
}

/** Calls the methods on the source itself: it may be an instance of a class. */
function fillUp(given: PartialSource): TraceSource {
  return {
    describe: () => given.describe(),
    resolveSeeds: async (...args) => (given.resolveSeeds ?? missing('resolveSeeds')).apply(given, args),
    lineage: async (...args) => (given.lineage ?? missing('lineage')).apply(given, args),
    async *events(...args) {
      yield* (given.events ?? missing('events')).apply(given, args)
    },
    async *detections(...args) {
      yield* (given.detections ?? missing('detections')).apply(given, args)
    },
    async *rows(...args) {
      yield* (given.rows ?? missing('rows')).apply(given, args)
    },
    close: async () => given.close?.(),
  }
}

function missing(method: Method): never {
  throw new Error(`The source has no method ${method}`)
}
