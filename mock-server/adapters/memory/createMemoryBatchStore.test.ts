import { expect, it } from 'vitest'
import { describeBatchStore } from '../contracts/batchStore.contract.js'
import { createManualClock } from '../../testing/createManualClock.js'
import { createByteBudget } from './createByteBudget.js'
import { createMemoryBatchStore } from './createMemoryBatchStore.js'
import { identityCodec } from './identityCodec.js'

describeBatchStore('memory', () => {
  const clock = createManualClock()
  const make = (bytes: number) => createMemoryBatchStore({ clock, budget: createByteBudget(bytes) })
  return { store: make(2 ** 20), advance: clock.advance, bounded: make }
})

it('gives its bytes back when lists are replaced, deleted, or swept away', async () => {
  const clock = createManualClock()
  const budget = createByteBudget(100)
  const store = createMemoryBatchStore({ clock, budget })
  const chunk = (bytes: number) => identityCodec.encode(new Uint8Array(bytes))
  await store.put('a', [chunk(10)], 60)
  await store.put('a', [chunk(20)], 60)
  await store.put('b', [chunk(30)], 60)
  await store.put('c', [chunk(5)], 600)
  expect(budget.usedBytes()).toBe(55)
  await store.delete('b')
  expect(budget.usedBytes()).toBe(25)
  await clock.advance(61_000)
  store.sweep()
  expect(budget.usedBytes()).toBe(5)
})
