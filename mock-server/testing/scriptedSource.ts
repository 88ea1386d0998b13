import { describeFactory } from '../adapters/synthetic/describe.js'
import type { Detection, Row, TraceSource } from '../ports/index.js'

export interface ScriptedSourceOptions {
  /** Rows of each id in each domain; default 3. */
  rowsPerId?: number
  /** Rows to a page; default 4. */
  rowsPerPage?: number
  /** Seeds to a page; default: all of them. */
  seedsPerPage?: number
  /** Called before every page of seeds: may wait, or throw. */
  beforeSeeds?: (after: string | null) => unknown
  /** Called before every page: may wait, or throw. */
  beforePage?: (page: { domain: string; ids: string[]; index: number; signal: AbortSignal }) => unknown
  /** Called before every lineage batch: may wait, or throw. */
  beforeLineage?: (seedIds: string[]) => unknown
}

/** One row, told from all others. */
export function scriptedRow(domain: string, id: string, n: number): Row {
  return { CONTAINERID: id, DOMAIN: domain, N: n, NOTE: '"焊接"\n', EMPTY: null }
}

export function scriptedRows(domain: string, ids: readonly string[], rowsPerId = 3): Row[] {
  return ids.flatMap((id) => Array.from({ length: rowsPerId }, (_, n) => scriptedRow(domain, id, n)))
}

/**
 * A source small enough to know by heart: every value is the id of its seed, save those with `missing` in them, which
 * find nothing; every id has `rowsPerId` rows; every seed S has the ancestors `S-up` and `top`, and the children `S-1`
 * and `S-2`; every seed was measured once.
 */
export function scriptedSource(options: ScriptedSourceOptions = {}): TraceSource {
  const { rowsPerId = 3, rowsPerPage = 4, seedsPerPage = Infinity } = options
  const { beforeSeeds, beforePage, beforeLineage } = options
  return {
    describe: describeFactory,

    async resolveSeeds(query, { after }) {
      await beforeSeeds?.(after)
      const isByValues = query.by === 'values'
      const ids = isByValues ? query.values.filter((id) => !id.includes('missing')) : [query.start, query.end]
      const from = Number(after ?? 0)
      const end = from + seedsPerPage
      const page = ids.slice(from, end)
      return {
        seeds: page.map((id) => ({
          ...{ container_id: id, container_name: `N-${id}`, lot_id: `N-${id}` },
          ...(isByValues ? { inputValue: id } : {}),
        })),
        matched: isByValues ? page : [],
        next: end < ids.length ? String(end) : null,
      }
    },

    async lineage(seedIds, direction, { details }) {
      await beforeLineage?.(seedIds)
      const named = (ids: string[]) => new Map(details ? ids.map((id) => [id, `N-${id}`]) : [])
      const node = (id: string) => ({
        container_id: id,
        container_name: `N-${id}`,
        mfgorder_name: null,
        wafer_lot: null,
        node_type: 'LOT' as const,
      })
      if (direction === 'forward') {
        const all = seedIds.flatMap((id) => [id, `${id}-1`, `${id}-2`])
        return {
          direction,
          roots: ['top'],
          childrenMap: new Map([
            ['top', seedIds],
            ...seedIds.map((id) => [id, [`${id}-1`, `${id}-2`]] as [string, string[]]),
          ]),
          leafSerials: new Map(seedIds.map((id) => [`${id}-1`, [`SN-${id}`]])),
          names: named(all),
          nodes: details ? all.map(node) : [],
          edges: details
            ? seedIds.map((id) => ({ from_cid: 'top', to_cid: id, edge_type: 'split_from' as const }))
            : [],
        }
      }
      const parents = seedIds.flatMap((id) => [[id, [`${id}-up`]] as const, [`${id}-up`, ['top']] as const])
      return {
        direction,
        ancestors: new Map(seedIds.map((id) => [id, [`${id}-up`, 'top']])),
        parentMap: new Map(details ? parents.map(([child, list]) => [child, [...list]]) : []),
        mergeEdges: new Map(),
        seedRoots: new Map(seedIds.map((id) => [id, 'N-top'])),
        names: named([...seedIds, 'top']),
        nodes: details ? ['top', ...seedIds].map(node) : [],
        edges: details
          ? parents.map(([child, list]) => ({
              from_cid: list[0]!,
              to_cid: child,
              edge_type: 'split_from' as const,
            }))
          : [],
      }
    },

    async *events(domain, ids, { signal }) {
      const rows = scriptedRows(domain, ids, rowsPerId)
      for (let at = 0, index = 0; at < Math.max(1, rows.length); at += rowsPerPage, index++) {
        await beforePage?.({ domain, ids, index, signal })
        const page = rows.slice(at, at + rowsPerPage)
        if (page.length > 0) yield page
      }
    },

    async *detections(_, seedIds) {
      yield seedIds.map((id): Detection => {
        return {
          containerId: id,
          lotId: `N-${id}`,
          product: 'SS14L',
          isRework: false,
          date: '2026-02-01',
          inputQty: 1000,
          defects: [{ reason: '晶片破裂', qty: id.length }],
        }
      })
    },

    async *rows({ domain }, { after, signal }) {
      const rows = scriptedRows(domain, ['only'], rowsPerId)
      for (let at = Number(after ?? 0), index = 0; at < rows.length; at += rowsPerPage, index++) {
        await beforePage?.({ domain, ids: [], index, signal })
        const end = at + rowsPerPage
        yield { rows: rows.slice(at, end), next: end < rows.length ? String(end) : null }
      }
    },
  }
}
