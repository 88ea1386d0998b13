import { describeFactory } from '../mock-server/adapters/synthetic/describe.js'
import type { Row, TraceSource } from '../mock-server/ports/index.js'

export interface RowsSourceOptions {
  /** Ids every question resolves to; default: the first that has a row. */
  seeds?: readonly string[]
  /** Rows by domain, as a test wants to see them; those of one `CONTAINERID` come together. */
  rows: Readonly<Record<string, readonly Row[]>>
}

/**
 * A source that has just these rows, whatever is asked: for tests that assert on values of their own. Every id that has
 * a row and is no seed is a relative of the first seed.
 */
export function rowsSource({ rows, seeds: given }: RowsSourceOptions): TraceSource {
  const withRows = [...new Set(Object.values(rows).flatMap((some) => some.map(idOf)))].filter(
    (id) => id !== null,
  )
  const seeds = given ?? [withRows[0] ?? 'CID-1']
  const relatives = withRows.filter((id) => !seeds.includes(id))
  const [first = ''] = seeds

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
      const related = new Map(seedIds.map((id) => [id, id === first ? relatives : []]))
      return direction === 'forward'
        ? { ...none, direction, roots: seedIds, childrenMap: related, leafSerials: new Map() }
        : {
            ...none,
            direction,
            ancestors: related,
            parentMap: new Map(),
            mergeEdges: new Map(),
            seedRoots: new Map(),
          }
    },
    async *events(domain, ids) {
      const all = Object.hasOwn(rows, domain) ? rows[domain]! : []
      // Rows that say no id are the first seed's.
      const byId = new Map<string, Row[]>()
      for (const row of all) {
        const id = idOf(row) ?? first
        const own = byId.get(id)
        if (own) own.push(row)
        else byId.set(id, [row])
      }
      const found = ids.flatMap((id) => byId.get(id) ?? [])
      if (found.length > 0) yield found
    },
    async *detections() {},
    async *rows({ domain }) {
      yield { rows: Object.hasOwn(rows, domain) ? [...rows[domain]!] : [], next: null }
    },
  }
}

function idOf({ CONTAINERID: id }: Row): string | null {
  return typeof id === 'string' ? id : null
}
