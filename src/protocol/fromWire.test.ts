import { expect, it } from 'vitest'
import { lineageAnswerInSteps, seedAnswerInSteps, streamEvent } from './fromWire.js'

/** What the work gives, and its steps. */
function run<T>(work: Generator<void, T>): { value: T; steps: number } {
  for (let steps = 0; ; steps++) {
    const { done, value } = work.next()
    if (done) return { value, steps }
  }
}

function seeds(count: number): object[] {
  return Array.from({ length: count }, (_, i) => ({ container_id: `C${i}`, lot_id: null }))
}

function ancestors(count: number): Record<string, string[]> {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [`C${i}`, [`P${i}`]]))
}

it('reads long answers in many steps, to their last item', () => {
  const seedAnswer = run(seedAnswerInSteps({ seeds: seeds(50_001) }))
  expect(seedAnswer.value.seeds.at(-1)).toEqual({ containerId: 'C50000', containerName: null, lotId: null })
  expect(seedAnswer.steps).toBe(51 + 51)
  const lineage = run(lineageAnswerInSteps({ ancestors: ancestors(50_001), seed_roots: { C0: 'P0' } }))
  expect(Object.keys(lineage.value.ancestors!)).toHaveLength(50_001)
  expect(lineage.steps).toBe(51 + 1)
})

it.each([
  ['seeds', seedAnswerInSteps({ seeds: [...seeds(2_000), { lot_id: 'L' }] })],
  ['seeds', seedAnswerInSteps({ seeds: {} })],
  ['seeds', seedAnswerInSteps({})],
  ['ancestors', lineageAnswerInSteps({ ancestors: { ...ancestors(2_000), X: ['P', 1] } })],
  ['ancestors', lineageAnswerInSteps({ ancestors: [] })],
  ['roots', lineageAnswerInSteps({ ancestors: {}, roots: [1] })],
])('says where an answer is wrong: at %s', (place, work) => {
  expect(() => run<unknown>(work)).toThrow(
    expect.objectContaining({
      code: 'UNEXPECTED_RESPONSE',
      message: expect.stringContaining(`at "${place}`) as string,
    }),
  )
})

it.each([null, 5, 'text', []])('says that %j is no answer', (value) => {
  expect(() => run(seedAnswerInSteps(value))).toThrow(
    expect.objectContaining({ code: 'UNEXPECTED_RESPONSE' }),
  )
})

it.each([
  [{}, null],
  [
    { unmatched: ['X'], unmatched_count: 300 },
    { count: 300, values: ['X'] },
  ],
  [{ unmatched: ['X', 'Y'] }, { count: 2, values: ['X', 'Y'] }],
  [{ unmatched_count: 0 }, { count: 0, values: [] }],
])('reads from %j what of the values asked for was not found', (more, unmatched) => {
  expect(run(seedAnswerInSteps({ seeds: [], ...more })).value.unmatched).toEqual(unmatched)
})

it('gives a line of an unknown type its place in the log, where it has one', () => {
  const read = (line: object) => streamEvent(line, 1, (data) => data)
  expect(read({ type: 'weather', seq: 7, wind: 'NE' })).toEqual({ type: 'unknown', seq: 7 })
  for (const seq of [undefined, null, 0, 1.5, '7']) expect(read({ type: 'weather', seq })).toBeNull()
})

it('reads what was not found, and which lines are no longer there', () => {
  const read = (line: object) => streamEvent(line, 1, (data) => data)
  expect(read({ type: 'unmatched', seq: 9, count: 2, values: ['X'] })).toEqual({
    type: 'unmatched',
    seq: 9,
    count: 2,
    values: ['X'],
  })
  expect(read({ type: 'skipped', from_seq: 4, seq: 8 })).toEqual({ type: 'skipped', fromSeq: 4, seq: 8 })
  expect(() => read({ type: 'unmatched', seq: 9, count: 1, values: [5] })).toThrow(/"values/)
})
