import { sleep } from '../../../src/async/clock.js'
import { DOMAINS, type Domain } from '../../../src/protocol/index.js'
import type { Detection, Row, TraceSource } from '../../ports/index.js'
import { createFactory, type FamilyRange } from './createFactory.js'
import { failOnDetections, failOnEvents, FAULTS } from './faults.js'
import { createTimeFormat } from './factoryTime.js'
import { resolveSeeds } from './resolveSeeds.js'
import { ROWS_BY_DOMAIN } from './rows/rowsByDomain.js'
import { createBreather } from './createBreather.js'
import { describeFactory } from './describe.js'
import { detect } from './detect.js'
import { readDowntime } from './readDowntime.js'
import { traceBackward, traceForward } from './traceLineage.js'

export interface SyntheticOptions {
  /** Time that every query takes longer than it must, whatever its size and stage, in milliseconds; default 0. */
  delayMsPerQuery?: number
  /** Times the usual 377 tested lots a day; default 1. Ids and names of one scale mean nothing in another. */
  scale?: number
  /** The only families there are, as in a factory that was written; default all. */
  families?: FamilyRange
  /** Domains whose every query fails; default none. */
  failing?: readonly string[]
}

/** Rows to a batch, as a database cursor would bring them; a batch ends with a lot, so that some have more. */
const ROWS_PER_BATCH = 500
/** Detections to a batch. */
const LOTS_PER_BATCH = 500

/**
 * A plant that never was: wafers, splits, merges, rework, stations, machines, materials and rejects, all computed
 * from the ids asked for. The same question always has the same answer, and a lot's rows do not depend on what else
 * was asked. Safe in browsers.
 */
export function createSyntheticSource(options: SyntheticOptions = {}): TraceSource {
  const { delayMsPerQuery = 0, scale = 1, families, failing = [] } = options
  const factory = createFactory(scale, families)
  const context = { catalogue: factory.catalogue, formatTime: createTimeFormat() }

  /** What every query begins with. */
  async function begin(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    if (delayMsPerQuery > 0) await sleep(delayMsPerQuery, signal)
  }

  return {
    describe: describeFactory,

    async resolveSeeds(query, { after, signal }) {
      await begin(signal)
      return resolveSeeds(factory, query, { after, signal })
    },

    async lineage(seedIds, direction, options) {
      await begin(options.signal)
      return direction === 'backward'
        ? traceBackward(factory, seedIds, options)
        : traceForward(factory, seedIds, options)
    },

    async *events(domain, ids, { signal }) {
      await begin(signal)
      if (failing.includes(domain)) throw new Error(`The synthetic query of ${domain} fails, as configured.`)
      const addRows = isDomain(domain) ? ROWS_BY_DOMAIN[domain] : null
      let rows: Row[] = []
      let breathe = createBreather(signal)
      for (const id of ids) {
        await breathe()
        if (id === FAULTS.ids.hang) await sleep(Infinity, signal)
        failOnEvents(domain, id)
        const lot = factory.lot(id)
        if (lot) addRows?.(lot, context, rows)
        if (rows.length < ROWS_PER_BATCH) continue
        signal.throwIfAborted()
        yield rows
        // Between pages it is for the reader to let others have a turn.
        breathe = createBreather(signal)
        rows = []
      }
      signal.throwIfAborted()
      if (rows.length > 0) yield rows
    },

    async *detections({ station, start, end }, seedIds, { signal }) {
      await begin(signal)
      failOnDetections(station)
      let found: Detection[] = []
      const breathe = createBreather(signal)
      for (const id of seedIds) {
        await breathe()
        const lot = factory.lot(id)
        const detection = lot && detect(lot, station)
        if (
          !detection ||
          (start !== null && detection.date < start) ||
          (end !== null && detection.date > end)
        )
          continue
        found.push(detection)
        if (found.length < LOTS_PER_BATCH) continue
        yield found
        found = []
        signal.throwIfAborted()
      }
      if (found.length > 0) yield found
    },

    async *rows({ domain, params }, { after, signal }) {
      await begin(signal)
      if (failing.includes(domain)) throw new Error(`The synthetic query of ${domain} fails, as configured.`)
      yield* readDowntime(context, params, { after, signal })
    },
  }
}

function isDomain(value: string): value is Domain {
  return (DOMAINS as readonly string[]).includes(value)
}
