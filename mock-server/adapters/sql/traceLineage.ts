import type {
  BackwardLineage,
  EdgeType,
  ForwardLineage,
  LineageEdge,
  LineageNode,
  NodeType,
} from '../../ports/index.js'
import type { Direction } from '../../../src/protocol/index.js'
import { readValues } from './resolveSeeds.js'
import type { SqlContext } from './SqlContext.js'
import { readAll, type SqlRow } from './SqlDatabase.js'
import { columnOf, createQuery } from './sqlText.js'

interface Options {
  details: boolean
  signal: AbortSignal
}

const EDGE_TYPES: readonly EdgeType[] = ['split_from', 'merge_source', 'wafer_origin', 'gd_rework_source']
const NODE_TYPES: readonly NodeType[] = ['WAFER', 'GC', 'GA', 'GD', 'LOT']

/**
 * All relatives of some seeds. The database tells the edges, each once, however many seeds share them, and what comes
 * from which seed is worked out here: seeds of one family have most ancestors in common, so that pairs of seed and
 * ancestor would be twenty times as many.
 */
export async function traceLineage(
  context: SqlContext,
  seedIds: readonly string[],
  direction: Direction,
  { details, signal }: Options,
): Promise<BackwardLineage | ForwardLineage> {
  const tree = plantTree(await readEdges(context, seedIds, direction, signal))
  const reached = new Set(seedIds)
  for (const id of reach(tree.parents, seedIds)) reached.add(id)
  if (direction === 'forward') for (const id of reach(tree.children, seedIds)) reached.add(id)
  const roots = [...reached].filter((id) => !tree.parents.has(id))
  const lots = await readLots(context, details ? [...reached] : [...new Set([...seedIds, ...roots])], signal)
  // A lot that is in no table at all is not one.
  const known = [...reached]
    .filter((id) => lots.has(id) || tree.parents.has(id) || tree.children.has(id))
    .sort()
  const described = describe(known, tree, lots, details)

  if (direction === 'forward') {
    const leaves = known.filter((id) => !tree.children.has(id))
    const { serials } = context.tables
    const found = serials
      ? await readValues(context, 'tables.serials', serials, leaves, { signal })
      : new Map<string, string[]>()
    return {
      direction,
      roots: known.filter((id) => !tree.parents.has(id)),
      childrenMap: new Map(
        known.filter((id) => tree.children.has(id)).map((id) => [id, tree.children.get(id)!]),
      ),
      leafSerials: new Map(leaves.map((id) => [id, found.get(id) ?? []])),
      ...described,
    }
  }

  const ancestors = new Map<string, string[]>()
  const seedRoots = new Map<string, string>()
  for (const id of seedIds) {
    const above = [...reach(tree.parents, [id])].filter((each) => each !== id).sort()
    ancestors.set(id, above)
    const root = [id, ...above].find((each) => !tree.parents.has(each))
    const name = lots.get(id)?.wafer ?? (root === undefined ? undefined : lots.get(root)?.name)
    if (name) seedRoots.set(id, String(name))
  }
  const withParents = known.filter((id) => tree.parents.has(id))
  const mergeEdges = withParents
    .map(
      (id) =>
        [id, tree.parents.get(id)!.filter((parent) => tree.typesOf(parent, id).has('merge_source'))] as const,
    )
    .filter(([, sources]) => sources.length > 0)
  return {
    direction,
    ancestors,
    parentMap: new Map(details ? withParents.map((id) => [id, tree.parents.get(id)!]) : []),
    mergeEdges: new Map(mergeEdges),
    seedRoots,
    ...described,
  }
}

/** Every edge above the seeds; forward also those below them, and those from all of these to others. */
async function readEdges(
  { database, catalog, tables }: SqlContext,
  seedIds: readonly string[],
  direction: Direction,
  signal: AbortSignal,
): Promise<SqlRow[]> {
  if (seedIds.length === 0) return []
  const { table, parent, child, edgeType } = tables.lineage
  const needs = { key: 'tables.lineage', table, columns: [parent, child, edgeType], ids: [parent, child] }
  const lineage = await catalog.open(needs, signal)
  const edge =
    `SELECT ${database.asId(columnOf('e', parent))} AS parent, ${database.asId(columnOf('e', child))} AS child,` +
    ` ${columnOf('e', edgeType)}::text AS type`
  const edgesBy = (column: string, id: string) =>
    `JOIN ${lineage.from} AS e ON ${columnOf('e', column)} = ${id}::${lineage.typeOf(column)}`

  if (direction === 'backward') {
    const query = createQuery()
    return run(query, `WITH RECURSIVE ${walk(query, 'up', child, 'parent')}`, 'SELECT * FROM up')
  }
  const query = createQuery()
  const walks = [walk(query, 'up', child, 'parent'), walk(query, 'down', parent, 'child')]
  const near = await run(
    query,
    `WITH RECURSIVE ${walks.join(',\n')}`,
    'SELECT * FROM up UNION SELECT * FROM down',
  )
  const ids = new Set([...seedIds, ...near.flatMap((row) => [String(row.parent), String(row.child)])])
  const further = createQuery()
  const asked = askedFor(further, [...ids])
  return run(
    further,
    `${edge} FROM ${asked} ${edgesBy(child, 'asked.id')}`,
    `UNION ${edge} FROM ${asked} ${edgesBy(parent, 'asked.id')}`,
  )

  function run(query: ReturnType<typeof createQuery>, ...lines: string[]) {
    return readAll(database.query(query.write(...lines), { signal }))
  }

  /**
   * UNION, not UNION ALL: an edge that was walked before ends its branch, so that a circle ends by itself. The edges are
   * walked, not the ids, so that nothing is left to join to all of the table.
   */
  function walk(query: ReturnType<typeof createQuery>, name: string, by: string, on: string): string {
    const begin = `${edge} FROM ${askedFor(query, seedIds)} ${edgesBy(by, 'asked.id')}`
    return `${name} AS (${begin} UNION ${edge} FROM ${name} AS r ${edgesBy(by, `r.${on}`)})`
  }
}

/**
 * Ids as a table. In a subquery, since a planner that counts them takes a recursion for a hundred times as many rows as
 * there are, and reads all of the lineage for them.
 */
function askedFor(query: ReturnType<typeof createQuery>, ids: readonly string[]): string {
  return `unnest((SELECT ${query.param(ids, 'text[]')})) AS asked(id)`
}

/** Relatives by id, each list sorted. */
function plantTree(rows: readonly SqlRow[]) {
  const parents = new Map<string, string[]>()
  const children = new Map<string, string[]>()
  const types = new Map<string, Set<EdgeType>>()
  const keyOf = (parent: string, child: string) => `${parent}\n${child}`
  for (const row of rows) {
    const [parent, child] = [String(row.parent), String(row.child)]
    const key = keyOf(parent, child)
    const type = EDGE_TYPES.find((each) => each === row.type) ?? 'split_from'
    const known = types.get(key)
    if (known) known.add(type)
    else {
      types.set(key, new Set([type]))
      listOf(parents, child).push(parent)
      listOf(children, parent).push(child)
    }
  }
  for (const list of [...parents.values(), ...children.values()]) list.sort()
  return { parents, children, typesOf: (parent: string, child: string) => types.get(keyOf(parent, child))! }
}

function listOf(lists: Map<string, string[]>, key: string): string[] {
  const list = lists.get(key) ?? []
  lists.set(key, list)
  return list
}

/** Everything above or below some ids, without them unless a circle leads back. */
function reach(next: ReadonlyMap<string, readonly string[]>, ids: readonly string[]): Set<string> {
  const reached = new Set(ids.flatMap((id) => next.get(id) ?? []))
  for (const id of reached) for (const further of next.get(id) ?? []) reached.add(further)
  return reached
}

async function readLots(
  { database, catalog, tables }: SqlContext,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<Map<string, SqlRow>> {
  if (ids.length === 0) return new Map()
  const { table, id, name, mfgOrder, waferLot, nodeType } = tables.lots
  const columns = [id, name, mfgOrder, waferLot, nodeType]
  const lots = await catalog.open({ key: 'tables.lots', table, columns, ids: [id] }, signal)
  const query = createQuery()
  const rows = await readAll(
    database.query(
      query.write(
        `SELECT asked.id::text AS id, ${columnOf('l', name)} AS name, ${columnOf('l', mfgOrder)} AS mfgorder,`,
        `  ${columnOf('l', waferLot)} AS wafer, ${columnOf('l', nodeType)} AS type`,
        `FROM unnest(${query.param(ids, `${lots.typeOf(id)}[]`)}) AS asked(id)`,
        `JOIN ${lots.from} AS l ON ${columnOf('l', id)} = asked.id`,
      ),
      { signal },
    ),
  )
  return new Map(rows.map((row) => [String(row.id), row]))
}

function describe(
  known: readonly string[],
  { parents, typesOf }: ReturnType<typeof plantTree>,
  lots: ReadonlyMap<string, SqlRow>,
  details: boolean,
) {
  const names = new Map<string, string>()
  const nodes: LineageNode[] = []
  const edges: LineageEdge[] = []
  if (!details) return { names, nodes, edges }
  for (const id of known) {
    const lot = lots.get(id)
    const name = textOf(lot?.name) ?? id
    names.set(id, name)
    nodes.push({
      container_id: id,
      container_name: name,
      mfgorder_name: textOf(lot?.mfgorder),
      wafer_lot: textOf(lot?.wafer),
      node_type: NODE_TYPES.find((type) => type === lot?.type) ?? 'UNKNOWN',
    })
    for (const parent of parents.get(id) ?? []) {
      for (const type of typesOf(parent, id)) edges.push({ from_cid: parent, to_cid: id, edge_type: type })
    }
  }
  return { names, nodes, edges }
}

function textOf(value: SqlRow[string] | undefined): string | null {
  return value === null || value === undefined ? null : String(value)
}
