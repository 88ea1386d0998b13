import { describeFactory } from '../mock-server/adapters/synthetic/describe.js'
import type { Row, TraceSource } from '../mock-server/ports/index.js'

export interface RowsSourceOptions {
  /** Ids every question resolves to; default: one. */
  seeds?: readonly string[]
  /** Rows by domain, as a test wants to see them. */
  rows: Readonly<Record<string, readonly Row[]>>
}

/** A source that has just these rows, whatever is asked: for tests that assert on values of their own. */
export function rowsSource({ seeds = ['CID-1'], rows }: RowsSourceOptions): TraceSource {
  return {
    describe: describeFactory,
    async resolveSeeds(query) {
      return {
        seeds: seeds.map((id) => ({ container_id: id, container_name: id, lot_id: id })),
        matched: query.by === 'values' ? query.values : [],
        next: null,
      }
    },
    async lineage(seedIds, direction) {
      const none = { names: new Map(), nodes: [], edges: [] }
      return direction === 'forward'
        ? { ...none, direction, roots: seedIds, childrenMap: new Map(), leafSerials: new Map() }
        : {
            ...none,
            direction,
            ancestors: new Map(seedIds.map((id) => [id, []])),
            parentMap: new Map(),
            mergeEdges: new Map(),
            seedRoots: new Map(),
          }
    },
    async *events(domain, ids) {
      // All of them with the first batch: rows are not told apart by their ids.
      if (ids.includes(seeds[0]!) && Object.hasOwn(rows, domain)) yield [...rows[domain]!]
    },
    async *detections() {},
    async *rows({ domain }) {
      yield { rows: Object.hasOwn(rows, domain) ? [...rows[domain]!] : [], next: null }
    },
  }
}
