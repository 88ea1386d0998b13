import { expect, it } from 'vitest'
import { createByteBudget } from './createByteBudget.js'

it('takes until it is full, and again after giving back', () => {
  const budget = createByteBudget(100)
  expect(budget.take(60)).toBe(true)
  expect(budget.take(41)).toBe(false)
  expect(budget.take(40)).toBe(true)
  budget.give(60)
  expect(budget.take(41)).toBe(true)
  expect(budget.usedBytes()).toBe(81)
})

it('drops what may be dropped before it says no', () => {
  const budget = createByteBudget(100)
  const droppable = [30, 30]
  budget.take(90)
  budget.onShortage(() => {
    const bytes = droppable.pop()
    if (bytes === undefined) return false
    budget.give(bytes)
    return true
  })
  expect(budget.take(50)).toBe(true)
  expect(droppable).toEqual([])
  expect(budget.take(50)).toBe(false)
})

it('drops nothing for what can never fit', () => {
  const budget = createByteBudget(100)
  let dropped = 0
  budget.onShortage(() => ++dropped > 0)
  expect(budget.take(101)).toBe(false)
  expect(dropped).toBe(0)
})
