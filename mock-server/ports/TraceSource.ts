import type { Direction, SourceDescriptionInput } from '../../src/protocol/index.js'

/**
 * One event row: flat. Rows of CIDs have their `CONTAINERID`. A number is one that JavaScript holds exactly; larger
 * whole numbers are text.
 */
export type Row = Record<string, string | number | null>

/** Params of a profile's own, checked by its description, defaults filled in; those not given are left out. */
export type SourceParams = Readonly<Record<string, string | number | readonly (string | number)[]>>

/** A question for seeds. Dates are `YYYY-MM-DD`, factory-local, both inclusive. */
export type SeedQuery = { profile: string; params?: SourceParams } & (
  | { by: 'values'; resolveType: string; values: string[] }
  | { by: 'date_range'; start: string; end: string; station: string }
)

/** A question for the rows of a profile that has neither seeds nor lineage. */
export interface RowQuery {
  profile: string
  domain: string
  params: SourceParams
}

/** Rows of such a question, in an order that can be gone on with. */
export interface RowPage {
  rows: Row[]
  /** Where another query goes on after these rows; `null` after the last. Opaque, at most 1,000 characters. */
  next: string | null
}

/** A seed as the wire has it. */
export interface SourceSeed {
  container_id: string
  container_name: string
  lot_id: string
}

/** Some of the seeds of a question: a keyset page, each seed on one page only. */
export interface SeedPage {
  /** `inputValue`: the first of the question's values that it was found by. */
  seeds: (SourceSeed & { inputValue?: string })[]
  /** All values of the question that found seeds of this page; empty in a question by dates. */
  matched: string[]
  /** Where the next page goes on; `null` after the last. Opaque, at most 1,000 characters. */
  next: string | null
}

export type NodeType = 'WAFER' | 'GC' | 'GA' | 'GD' | 'LOT' | 'UNKNOWN'
export type EdgeType = 'split_from' | 'merge_source' | 'wafer_origin' | 'gd_rework_source'

export interface LineageNode {
  container_id: string
  container_name: string
  mfgorder_name: string | null
  wafer_lot: string | null
  node_type: NodeType
}

/** `from_cid` is the parent. */
export interface LineageEdge {
  from_cid: string
  to_cid: string
  edge_type: EdgeType
}

/** What every lineage batch may bring; nodes, names and edges only when details were asked for. */
interface LineageDetails {
  names: Map<string, string>
  nodes: LineageNode[]
  edges: LineageEdge[]
}

export interface BackwardLineage extends LineageDetails {
  direction: 'backward'
  /** Every seed has an entry: its ancestors, sorted, without itself. */
  ancestors: Map<string, string[]>
  parentMap: Map<string, string[]>
  mergeEdges: Map<string, string[]>
  /** The name of each seed's root. */
  seedRoots: Map<string, string>
}

export interface ForwardLineage extends LineageDetails {
  direction: 'forward'
  roots: string[]
  childrenMap: Map<string, string[]>
  leafSerials: Map<string, string[]>
}

/** What was measured of one lot at the station asked about. */
export interface Detection {
  containerId: string
  lotId: string
  product: string | null
  isRework: boolean
  /** `YYYY-MM-DD` */
  date: string
  inputQty: number
  defects: { reason: string; qty: number }[]
}

/** Parameters of a question with figures, read and defaulted. */
export interface DefectParams {
  mode: 'date_range' | 'container'
  /** `null` in container mode. */
  start: string | null
  end: string | null
  station: string
  direction: Direction
  /** `null`: all of them. */
  lossReasons: string[] | null
}

/** What is asked about the seeds of a question with figures. */
export interface DetectionQuery extends DefectParams {
  profile: string
  params?: SourceParams
}

interface Options {
  signal: AbortSignal
}

/**
 * Where the rows come from. Errors thrown here fail the domain (events, rows) or the request (the others); ids that are
 * unknown have no rows. The same question gives the same answer in the same order.
 *
 * Every source passes `contracts/traceSource.contract.ts`.
 */
export interface TraceSource {
  /** What may be asked and what the rows are. Read once, when a process begins. */
  describe: () => SourceDescriptionInput
  /** For profiles with seeds. @param options.after the `next` of the page before; `null` for the first */
  resolveSeeds: (query: SeedQuery, options: Options & { after: string | null }) => Promise<SeedPage>
  /**
   * For profiles with lineage. All relatives of one batch of seeds, of at most `TRACE_ID_BATCH_SIZE`. `details: false`
   * leaves names, nodes, edges and parentMap empty.
   */
  lineage: (
    seedIds: string[],
    direction: Direction,
    options: Options & { details: boolean },
  ) => Promise<BackwardLineage | ForwardLineage>
  /** For profiles with seeds. Rows of one batch of ids, grouped by CID in the order asked, a few hundred or thousand at a time (cursor reads). */
  events: (domain: string, ids: string[], options: Options) => AsyncIterable<Row[]>
  /** For profiles with figures. Detections of the seeds that were measured, of one batch of at most `TRACE_ID_BATCH_SIZE`. */
  detections: (query: DetectionQuery, seedIds: string[], options: Options) => AsyncIterable<Detection[]>
  /**
   * For profiles with `events` alone. One page or several; asked again for what follows the last, until its `next` is
   * `null`. Rows that are kept are never asked for again, so that the order must be total, and no token comes twice.
   *
   * @param options.after the `next` of the page before; `null` for the first
   */
  rows: (query: RowQuery, options: Options & { after: string | null }) => AsyncIterable<RowPage>
  /** Gives back what it holds, such as connections; called once, at the end of the process. */
  close?: () => Promise<void>
}

/** What a source of one's own must have: the methods that its profiles need. */
export type PartialSource = Pick<TraceSource, 'describe'> & Partial<Omit<TraceSource, 'describe'>>
