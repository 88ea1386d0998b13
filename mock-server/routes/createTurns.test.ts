import { expect, it } from 'vitest'
import { createTurns } from './createTurns.js'

it('lets others in between any two streams that are ready at once', async () => {
  const turn = createTurns()
  const order: string[] = []
  const streams = ['a', 'b', 'c'].map(async (name) => {
    await turn()
    order.push(name)
  })
  const others = (async () => {
    while (order.length < 5) {
      await new Promise((resolve) => setImmediate(resolve))
      order.push('other')
    }
  })()
  await Promise.all([...streams, others])
  expect(order.slice(0, 5)).toEqual(['a', 'other', 'b', 'other', 'c'])
})

it('goes on when the first have had their turns', async () => {
  const turn = createTurns()
  await turn()
  await Promise.all([turn(), turn()])
})
