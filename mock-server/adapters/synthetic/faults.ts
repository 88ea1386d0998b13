import { TraceError } from '../../../src/errors.js'

/**
 * Inputs that make the factory fail on purpose, named as those of the original service's recordings. README.md lists
 * what each shows.
 */
export const FAULTS = {
  values: { error: 'ERR', crash: 'BOOM' },
  stations: { seedsUnavailable: 'NONE', aggregationUnavailable: 'AGGNONE', aggregationError: 'AGGERR' },
  ids: {
    lineageTimeout: 'CID-TIMEOUT',
    lineageCrash: 'CID-CRASH',
    hang: 'CID-HANG',
    failPrefix: 'CID-FAIL-',
  },
} as const

/** Whether `value` is one of the magic ids; as a value to resolve it stands for a lot of that id. */
export function isFaultId(value: string): boolean {
  const { lineageTimeout, lineageCrash, hang, failPrefix } = FAULTS.ids
  return value === lineageTimeout || value === lineageCrash || value === hang || value.startsWith(failPrefix)
}

/** @throws {TraceError} `SEED_RESOLVE_FAILED`, for `ERR`; a plain error for `BOOM` */
export function failOnValues(values: readonly string[]): void {
  if (values.includes(FAULTS.values.error)) throw new TraceError('SEED_RESOLVE_FAILED', '解析失敗: synthetic')
  if (values.includes(FAULTS.values.crash))
    throw new Error('The synthetic resolver crashed, as "BOOM" asks for.')
}

/** @throws {TraceError} `SEED_RESOLVE_FAILED` (503), for the station `NONE` */
export function failOnSeedStation(station: string): void {
  if (station !== FAULTS.stations.seedsUnavailable) return
  throw new TraceError('SEED_RESOLVE_FAILED', 'seed resolve service unavailable', {
    status: 503,
    retryable: true,
  })
}

/** @throws {TraceError} `LINEAGE_TIMEOUT`, for `CID-TIMEOUT`; a plain error for `CID-CRASH` */
export function failOnLineage(ids: readonly string[]): void {
  if (ids.includes(FAULTS.ids.lineageTimeout))
    throw new TraceError('LINEAGE_TIMEOUT', 'lineage query timed out')
  if (ids.includes(FAULTS.ids.lineageCrash)) {
    throw new Error('The synthetic lineage crashed, as "CID-CRASH" asks for.')
  }
}

/** @throws {TraceError} `EVENTS_AGGREGATION_FAILED`, for the stations `AGGNONE` (503) and `AGGERR` (400) */
export function failOnDetections(station: string): void {
  if (station === FAULTS.stations.aggregationUnavailable) {
    throw new TraceError('EVENTS_AGGREGATION_FAILED', 'aggregation service unavailable', { status: 503 })
  }
  if (station === FAULTS.stations.aggregationError) {
    throw new TraceError('EVENTS_AGGREGATION_FAILED', 'synthetic aggregation error', {
      status: 400,
      retryable: false,
    })
  }
}

/** Throws for `CID-FAIL-<domain>`, in that domain only. */
export function failOnEvents(domain: string, id: string): void {
  if (id === FAULTS.ids.failPrefix + domain) {
    throw new Error(`The synthetic query of ${domain} failed, as "${id}" asks for.`)
  }
}
