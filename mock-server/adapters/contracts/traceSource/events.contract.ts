import { expect } from 'vitest'
import { known, lotDomains, rowsOf, type Check, type Exam } from './Exam.js'
import { cellProblems } from './cellProblems.js'
import { UNKNOWN } from './SourceFacts.js'

const MOST_ROWS_AT_ONCE = 10_000
/** Lots that are asked about one by one. */
const FEW = 12

const isBeside = (exam: Exam) => (lotDomains(exam).length > 0 ? null : 'no profile has seeds')

export const EVENT_CHECKS: Check[] = [
  {
    name: 'has rows in every domain, of the lots asked for, grouped in the order asked',
    isBeside,
    async run(exam) {
      const ids = [...known(exam, 'ids')].reverse()
      for (const domain of lotDomains(exam)) {
        const rows = await rowsOf(exam, domain, ids)
        expect(rows, `rows of ${domain}`).not.toEqual([])
        const groups = rows.map((row) => row.CONTAINERID).filter((id, i, all) => id !== all[i - 1])
        const withRows = new Set(groups)
        expect(groups, domain).toEqual(ids.filter((id) => withRows.has(id)))
      }
    },
  },
  {
    name: 'has the columns of the description with values of their kinds',
    isBeside,
    async run(exam) {
      for (const domain of lotDomains(exam)) {
        const rows = await rowsOf(exam, domain, known(exam, 'ids'))
        expect(cellProblems(exam, domain, rows)).toEqual([])
      }
    },
  },
  {
    name: 'gives the same rows in the same order again, to two at once, and for each lot alone',
    isBeside,
    async run(exam) {
      const ids = known(exam, 'ids')
      for (const domain of lotDomains(exam)) {
        const rows = await rowsOf(exam, domain, ids)
        const [again, meanwhile] = await Promise.all([rowsOf(exam, domain, ids), rowsOf(exam, domain, ids)])
        expect(again, domain).toEqual(rows)
        expect(meanwhile, domain).toEqual(rows)
        for (const id of ids.slice(0, FEW)) {
          expect(await rowsOf(exam, domain, [id]), `${domain} of ${id}`).toEqual(
            rows.filter((row) => row.CONTAINERID === id),
          )
        }
      }
    },
  },
  {
    name: 'has no rows of lots it does not know, or when none are asked for',
    isBeside,
    async run(exam) {
      const [id] = known(exam, 'ids')
      for (const domain of lotDomains(exam)) {
        expect(await rowsOf(exam, domain, [])).toEqual([])
        expect(await rowsOf(exam, domain, [UNKNOWN, `${id}%`, `${id}'`])).toEqual([])
        expect(await rowsOf(exam, domain, [UNKNOWN, id!])).toEqual(await rowsOf(exam, domain, [id!]))
      }
    },
  },
  {
    name: 'brings rows in parts that fit into memory',
    isBeside,
    async run(exam) {
      const { signal } = new AbortController()
      for (const domain of lotDomains(exam)) {
        for await (const rows of exam.source.events(domain, [...known(exam, 'ids')], { signal })) {
          expect(rows.length, domain).toBeLessThanOrEqual(MOST_ROWS_AT_ONCE)
        }
      }
    },
  },
  {
    name: 'carries hard values as they are',
    isBeside: (exam) => isBeside(exam) ?? (exam.facts.cells?.length ? null : 'no cells are known'),
    async run(exam) {
      for (const { domain, id, column, value } of known(exam, 'cells')) {
        const values = (await rowsOf(exam, domain, [id])).map((row) => row[column] ?? null)
        expect(values, `${column} of ${id} in ${domain}`).toContain(value)
      }
    },
  },
]
