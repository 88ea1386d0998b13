import { expect, it } from 'vitest'
import { paretoRows } from './paretoRows.js'

it('does not lose the machine with most rejects behind two hundred with more defects', () => {
  const others = Array.from({ length: 200 }, (_, n) => ({
    ...{ name: `M-${n}`, lots: 1, input: 100 },
    ...{ defects: 50, rejects: 1 },
  }))
  const worst = { name: 'M-worst', lots: 1, input: 100, defects: 0, rejects: 100 }
  const rows = paretoRows([...others, worst])
  expect(rows).toHaveLength(200)
  expect(rows[0]).toMatchObject({ name: 'M-worst', reject_qty: 100, cumulative_pct: 33.3333 })
})

it('ranks by defects where no rejects are counted', () => {
  const entry = (name: string, defects: number) => ({ name, lots: 1, input: 100, defects })
  expect(paretoRows([entry('few', 1), entry('many', 3)])).toMatchObject([
    { name: 'many', cumulative_pct: 75 },
    { name: 'few', cumulative_pct: 100 },
  ])
})
