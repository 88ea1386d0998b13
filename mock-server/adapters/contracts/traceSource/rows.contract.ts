import { expect } from 'vitest'
import { cellProblems } from './cellProblems.js'
import { hasProfile, isWithoutSeeds, rowPages, rowQueries, type Check, type Exam } from './Exam.js'

const isBeside = (exam: Exam) => (hasProfile(exam, isWithoutSeeds) ? null : 'no profile has events alone')

export const ROW_CHECKS: Check[] = [
  {
    name: 'answers every profile without seeds with the columns of the description',
    isBeside,
    async run(exam) {
      for (const query of rowQueries(exam)) {
        const rows = (await rowPages(exam, query)).flatMap((page) => page.rows)
        expect(rows, `rows of ${query.domain}`).not.toEqual([])
        expect(cellProblems(exam, query.domain, rows)).toEqual([])
      }
    },
  },
  {
    name: 'goes on with rows from every page as it did before',
    isBeside,
    async run(exam) {
      for (const query of rowQueries(exam)) {
        const pages = await rowPages(exam, query)
        for (const [i, { next }] of pages.entries()) {
          if (next === null) continue
          expect(next.length, 'length of a token').toBeLessThanOrEqual(1_000)
          const rest = (await rowPages(exam, query, next)).flatMap((page) => page.rows)
          expect(rest, `after page ${i + 1}`).toEqual(pages.slice(i + 1).flatMap((page) => page.rows))
        }
      }
    },
  },
]
