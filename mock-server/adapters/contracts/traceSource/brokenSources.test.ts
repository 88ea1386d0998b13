import { describe, expect, it } from 'vitest'
import type { Row, SeedPage, TraceSource } from '../../../ports/index.js'
import { checkSource } from '../../../services/source/checkSource.js'
import { factoryFacts } from '../../../testing/factoryFacts.js'
import { createSyntheticSource } from '../../synthetic/createSyntheticSource.js'
import { SOURCE_CHECKS, type SourceFacts } from '../traceSource.contract.js'

const families = { first: 15_000, last: 15_012 }
const good = createSyntheticSource({ families })
const facts: SourceFacts = { ...factoryFacts(families), patienceMs: 50 }

type Events = TraceSource['events']
type Lineage = TraceSource['lineage']

/** Events with each part of rows changed. */
function changedRows(change: (rows: Row[], ids: string[]) => Row[]): Partial<TraceSource> {
  return {
    async *events(domain, ids, options) {
      for await (const rows of good.events(domain, ids, options)) yield change(rows, ids)
    },
  }
}

function changedCells(column: string, value: unknown): Partial<TraceSource> {
  return changedRows((rows) =>
    rows.map((row) => (column in row ? ({ ...row, [column]: value } as Row) : row)),
  )
}

function changedPages(change: (page: SeedPage, after: string | null) => SeedPage): Partial<TraceSource> {
  return {
    resolveSeeds: async (query, options) => change(await good.resolveSeeds(query, options), options.after),
  }
}

function changedLineage(
  change: (lineage: Awaited<ReturnType<Lineage>>, ids: string[], details: boolean) => object,
): Partial<TraceSource> {
  return {
    async lineage(ids, direction, options) {
      const lineage = await good.lineage(ids, direction, options)
      return { ...lineage, ...change(lineage, ids, options.details) } as typeof lineage
    },
  }
}

const deaf = new AbortController().signal
const deafEvents: Events = (domain, ids) => good.events(domain, ids, { signal: deaf })
let calls = 0

/** Rules of the port, each with what breaks it: what the source does, and what is known of it. */
const BROKEN: [rule: string, how: string, source: Partial<TraceSource>, known?: Partial<SourceFacts>][] = [
  [
    'finds seeds of every profile by every type of value',
    'leaves out by which value a seed was found',
    changedPages((page) => ({ ...page, seeds: page.seeds.map(({ inputValue: _, ...seed }) => seed) })),
  ],
  [
    'says of each seed by which value it was found first, and names every value that found one',
    'names all values',
    {
      async resolveSeeds(query, options) {
        const page = await good.resolveSeeds(query, options)
        return { ...page, matched: query.by === 'values' ? query.values : [] }
      },
    },
  ],
  [
    'finds nothing for values it does not know, and takes none for a pattern',
    'reads % as LIKE does',
    {
      resolveSeeds: (query, options) =>
        good.resolveSeeds(
          query.by === 'values'
            ? { ...query, values: query.values.map((value) => value.replace('%', '')) }
            : query,
          options,
        ),
    },
  ],
  [
    'gives each seed of a station and its days on one page only',
    'gives the first seed twice',
    changedPages((page) => ({ ...page, seeds: [...page.seeds.slice(0, 1), ...page.seeds] })),
  ],
  [
    'finds at a station what it finds day by day, and nothing at another or at another time',
    'leaves out the last day',
    {
      resolveSeeds: (query, options) =>
        good.resolveSeeds(
          query.by === 'date_range' && query.start !== query.end ? { ...query, end: query.start } : query,
          options,
        ),
    },
  ],
  [
    'goes on with seeds from every page as it did before',
    'begins anew after the first page',
    {
      resolveSeeds: async (query, { signal }) => {
        const first = await good.resolveSeeds(query, { after: null, signal })
        return calls++ % 2 === 0 ? { ...first, next: '1' } : { ...first, next: null }
      },
    },
  ],
  [
    'traces every seed back to all its ancestors, sorted, each once and without itself',
    'stops at the parents',
    changedLineage((lineage) =>
      lineage.direction === 'backward'
        ? { ancestors: new Map([...lineage.ancestors].map(([id, above]) => [id, above.slice(-2)])) }
        : {},
    ),
  ],
  [
    'traces every seed on to all its descendants',
    'stops at the children',
    changedLineage((lineage, ids) =>
      lineage.direction === 'forward'
        ? { childrenMap: new Map([...lineage.childrenMap].filter(([id]) => ids.includes(id))) }
        : {},
    ),
  ],
  [
    'finds the same lineage from above and from below',
    'forgets the last child of every lot',
    changedLineage((lineage) =>
      lineage.direction === 'forward'
        ? { childrenMap: new Map([...lineage.childrenMap].map(([id, own]) => [id, own.slice(0, -1)])) }
        : {},
    ),
  ],
  [
    'traces a seed alone as in company',
    'gives every seed the ancestors of all',
    changedLineage((lineage, ids) => {
      if (lineage.direction === 'forward') return {}
      const all = [...new Set([...lineage.ancestors.values()].flat())].sort()
      return { ancestors: new Map(ids.map((id) => [id, all])) }
    }),
  ],
  [
    'names roots and leaves: nothing is above those, and nothing below these',
    'takes the seeds for roots',
    changedLineage((_, ids) => ({ roots: ids })),
  ],
  [
    'describes each lot and each edge of a lineage when details are asked for',
    'forgets an edge',
    changedLineage(({ edges }) => ({ edges: edges.slice(1) })),
  ],
  [
    'leaves details out when they are not asked for, and nothing else',
    'leaves the roots of seeds out too',
    changedLineage((_, __, details) => (details ? {} : { seedRoots: new Map() })),
  ],
  [
    'takes seeds it does not know, and none at all',
    'has no entry for what it does not know',
    changedLineage((lineage) =>
      lineage.direction === 'backward'
        ? { ancestors: new Map([...lineage.ancestors].filter(([, above]) => above.length > 0)) }
        : {},
    ),
  ],
  ['ends where a lineage leads back to itself', 'has no way back', {}, { inCycle: facts.ids![20]! }],
  [
    'has rows in every domain, of the lots asked for, grouped in the order asked',
    'gives rows in an order of its own',
    { events: (domain, ids, options) => good.events(domain, [...ids].sort(), options) },
  ],
  [
    'has the columns of the description with values of their kinds',
    'gives times as JavaScript has them',
    changedCells('TXNDATE', '2026-02-01T08:00:00.000Z'),
  ],
  [
    'has the columns of the description with values of their kinds',
    'gives numbers as text',
    changedCells('TRACKINQTY', '1200'),
  ],
  [
    'has the columns of the description with values of their kinds',
    'gives ids as numbers',
    changedCells('CONTAINERID', 1200),
  ],
  [
    'has the columns of the description with values of their kinds',
    'reads Chinese in the wrong encoding',
    changedCells('WORKCENTERNAME', '\uFFFD\uFFFD'),
  ],
  [
    'has the columns of the description with values of their kinds',
    'has a column that nobody described',
    changedRows((rows) => rows.map((row) => ({ ...row, ROWNUM: 1 }))),
  ],
  [
    'gives the same rows in the same order again, to two at once, and for each lot alone',
    'turns the rows of a lot around every other time',
    changedRows((rows) => (calls++ % 2 === 0 ? rows : rows.reverse())),
  ],
  [
    'has no rows of lots it does not know, or when none are asked for',
    'gives rows when none are asked for',
    {
      events: (domain, ids, options) => good.events(domain, ids.length > 0 ? ids : [facts.ids![0]!], options),
    },
  ],
  [
    'brings rows in parts that fit into memory',
    'brings all at once',
    changedRows((rows) => Array.from({ length: 30 }, () => rows).flat()),
  ],
  ['carries hard values as they are', 'loses nulls', changedCells('HOLDCOMMENTS', '')],
  [
    'carries hard values as they are',
    'rounds big numbers',
    changedCells('TRACKINQTY', 9007199254740992),
    { cells: [{ domain: 'history', id: facts.ids![0]!, column: 'TRACKINQTY', value: '9007199254740993' }] },
  ],
  [
    'knows what was measured of the seeds on their days, and nothing of other days or lots',
    'does not look at the day',
    {
      detections: (query, ids, options) =>
        good.detections({ ...query, start: null, end: null }, ids, options),
    },
  ],
  [
    'measures in numbers, reason by reason',
    'gives quantities as text',
    {
      async *detections(query, ids, options) {
        for await (const found of good.detections(query, ids, options)) {
          yield found.map((each) => ({ ...each, inputQty: String(each.inputQty) as unknown as number }))
        }
      },
    },
  ],
  [
    'knows what was measured of lots whenever that was, and nothing of lots it does not know',
    'does not look at the station',
    {
      detections: (query, ids, options) => good.detections({ ...query, station: '測試' }, ids, options),
    },
  ],
  [
    'answers every profile without seeds with the columns of the description',
    'finds nothing',
    {
      async *rows() {
        yield { rows: [], next: null }
      },
    },
  ],
  [
    'goes on with rows from every page as it did before',
    'begins anew from every token',
    {
      async *rows(query, { after, signal }) {
        let next: string | null = 'more'
        for await (const page of good.rows(query, { after: null, signal })) {
          next = page.next
          yield { ...page, next: after === null ? next : null }
          if (after !== null) return
        }
      },
    },
  ],
  ['rejects at once what is aborted before it begins', 'does not look at the signal', { events: deafEvents }],
  [
    'ends what is aborted while it waits',
    'waits for ever',
    {
      async *events() {
        await new Promise(() => {})
      },
    },
  ],
  ['ends what is aborted while it waits', 'leaves a statement behind', {}, { isIdle: () => false }],
  ['gives nothing more after an abort', 'does not look at the signal', { events: deafEvents }],
  [
    'ends when nobody reads on, and answers others as before',
    'never comes back when it is left',
    {
      async *events(domain, ids, options) {
        let isRead = false
        try {
          yield* good.events(domain, ids, options)
          isRead = true
        } finally {
          if (!isRead) await new Promise(() => {})
        }
      },
    },
  ],
  [
    'lets go of the signal of a query that has ended',
    'listens on',
    {
      async *events(domain, ids, { signal }) {
        signal.addEventListener('abort', () => {})
        yield* good.events(domain, ids, { signal })
      },
    },
  ],
  [
    'says what another source of the same factory says',
    'is of another factory',
    {},
    { checksums: { seeds: 'another' } },
  ],
]

describe('the exam of sources', () => {
  it.each(BROKEN)('sees that a source which %s fails: it %s', async (rule, _, broken, known) => {
    const { run } = SOURCE_CHECKS.find(({ name }) => name === rule)!
    const exam = { ...checkSource({ ...good, ...broken }), facts: { ...facts, ...known } }
    await expect(run(exam)).rejects.toThrow()
  })

  it('has no rule that no source could break', () => {
    expect(new Set(BROKEN.map(([rule]) => rule))).toEqual(new Set(SOURCE_CHECKS.map(({ name }) => name)))
  })

  it('says which fact it needs', async () => {
    const { run } = SOURCE_CHECKS.find(({ name }) => name.startsWith('has rows in every domain'))!
    await expect(run({ ...checkSource(good), facts: {} })).rejects.toThrow('The exam needs the fact "ids"')
  })
})
