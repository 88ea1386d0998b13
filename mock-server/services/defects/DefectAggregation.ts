import type { Slices } from '../../../src/async/slices.js'
import type { DefectParams, Row, TraceSource } from '../../ports/index.js'

/** What an MSD aggregation is made from; every list comes batch by batch. */
export interface DefectAggregationInput {
  params: DefectParams
  /** The detection candidates. */
  seedIds: AsyncIterable<string[]>
  /** `ancestors` of the seeds when backward, `children_map` when forward. */
  lineage: AsyncIterable<Record<string, string[]>>
  /** Names of the seeds' roots. */
  seedRoots: AsyncIterable<Record<string, string>>
  source: Pick<TraceSource, 'detections'>
  signal: AbortSignal
  /** Where the thread is others' too; default: it is not. */
  slices?: Slices
}

/** Joins detections to passing rows. Holds integers per CID and lineage pair, never rows. */
export interface DefectAggregation {
  /** Takes rows of a domain, each exactly once, in any order. */
  observe: (domain: string, rows: readonly Row[]) => void
  /** Takes back everything observed of a domain (it has failed). */
  forget: (domain: string) => void
  /** The wire's `aggregation` object. */
  finish: () => Record<string, unknown>
  /** The same in steps, with time for other work in between. */
  finishInSteps: () => Generator<void, Record<string, unknown>>
}
