import { expect } from 'vitest'
import type { SeedPage, SeedQuery } from '../../../ports/index.js'
import { dayQuery, known, hasProfile, seedIds, seedPages, type Check, type Exam } from './Exam.js'
import { UNKNOWN } from './SourceFacts.js'

type ValueQuery = Extract<SeedQuery, { by: 'values' }>

const byValue = (exam: Exam) =>
  hasProfile(exam, ({ seeds }) => seeds?.types.length) ? null : 'no profile has seeds by value'
const byDay = (exam: Exam) =>
  hasProfile(exam, ({ seeds }) => seeds?.dates) ? null : 'no profile has seeds by dates'

export const SEED_CHECKS: Check[] = [
  {
    name: 'finds seeds of every profile by every type of value',
    isBeside: byValue,
    async run(exam) {
      for (const query of valueQueries(exam)) {
        for (const value of query.values) {
          const pages = await seedPages(exam, { ...query, values: [value] })
          const seeds = pages.flatMap((page) => page.seeds)
          expect(seeds, `seeds of ${query.resolveType} ${value}`).not.toEqual([])
          for (const seed of seeds) {
            expect(seed).toEqual({
              container_id: expect.any(String),
              container_name: expect.any(String),
              lot_id: expect.any(String),
              inputValue: value,
            })
          }
        }
      }
    },
  },
  {
    name: 'says of each seed by which value it was found first, and names every value that found one',
    isBeside: byValue,
    async run(exam) {
      for (const query of valueQueries(exam)) {
        const [first] = query.values
        const values = [UNKNOWN, ...query.values, first!].reverse()
        const finders = new Map<string, string>()
        for (const value of values) {
          for (const id of await seedIds(exam, { ...query, values: [value] })) {
            if (!finders.has(id)) finders.set(id, value)
          }
        }
        const pages = await seedPages(exam, { ...query, values })
        const seeds = pages.flatMap((page) => page.seeds)
        const found = new Map(seeds.map((seed) => [seed.container_id, seed.inputValue]))
        expect(sorted(found), query.resolveType).toEqual(sorted(finders))
        expect(new Set(pages.flatMap((page) => page.matched))).toEqual(new Set(query.values))
      }
    },
  },
  {
    name: 'finds nothing for values it does not know, and takes none for a pattern',
    isBeside: byValue,
    async run(exam) {
      for (const query of valueQueries(exam)) {
        const [value] = query.values
        const values = [
          UNKNOWN,
          `${value}%`,
          `${value!.slice(0, -1)}_`,
          `${value!.slice(0, -1)}*`,
          `'${value}`,
          '',
        ]
        const pages = await seedPages(exam, { ...query, values })
        expect(pages.flatMap((page) => page.seeds)).toEqual([])
        expect(pages.flatMap((page) => page.matched)).toEqual([])
      }
    },
  },
  {
    name: 'gives each seed of a station and its days on one page only',
    isBeside: byDay,
    async run(exam) {
      const pages = await seedPages(exam, dayQuery(exam))
      const ids = idsOf(pages)
      expect(ids, 'seeds of the days that are known').not.toEqual([])
      expect(new Set(ids).size).toBe(ids.length)
      for (const { matched } of pages) expect(matched).toEqual([])
    },
  },
  {
    name: 'finds at a station what it finds day by day, and nothing at another or at another time',
    isBeside: byDay,
    async run(exam) {
      const query = dayQuery(exam)
      const single = new Set<string>()
      for (const day of daysOf(query)) {
        for (const id of await seedIds(exam, { ...query, start: day, end: day })) single.add(id)
      }
      expect(new Set(await seedIds(exam, query))).toEqual(single)
      expect(await seedIds(exam, { ...query, station: UNKNOWN })).toEqual([])
      expect(await seedIds(exam, { ...query, start: '1970-01-01', end: '1970-01-02' })).toEqual([])
    },
  },
  {
    name: 'goes on with seeds from every page as it did before',
    isBeside: (exam) => byDay(exam) && byValue(exam),
    async run(exam) {
      const queries: SeedQuery[] = byDay(exam) === null ? [dayQuery(exam)] : []
      if (byValue(exam) === null) queries.push(...valueQueries(exam))
      for (const query of queries) {
        const pages = await seedPages(exam, query)
        for (const [i, { next }] of pages.entries()) {
          if (next === null) continue
          expect(next.length, 'length of a token').toBeLessThanOrEqual(1_000)
          expect(await seedPages(exam, query, next)).toEqual(pages.slice(i + 1))
        }
      }
    },
  },
]

/** One for each resolve type, of the first profile that has it. */
function valueQueries(exam: Exam): ValueQuery[] {
  const values = known(exam, 'values')
  const queries = new Map<string, ValueQuery>()
  for (const { name: profile, seeds } of exam.description.profiles) {
    for (const { value: resolveType } of seeds?.types ?? []) {
      const own = values[resolveType]
      if (!own?.length) throw new Error(`The exam needs values of ${resolveType}, in the fact "values".`)
      queries.set(`${profile} ${resolveType}`, { profile, by: 'values', resolveType, values: [...own] })
    }
  }
  return [...queries.values()]
}

function idsOf(pages: readonly SeedPage[]): string[] {
  return pages.flatMap(({ seeds }) => seeds.map((seed) => seed.container_id))
}

function sorted(map: ReadonlyMap<string, unknown>) {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1))
}

function daysOf({ start, end }: { start: string; end: string }): string[] {
  const days: string[] = []
  for (let day = Date.parse(start); day <= Date.parse(end); day += 86_400_000) {
    days.push(new Date(day).toISOString().slice(0, 10))
  }
  return days
}
