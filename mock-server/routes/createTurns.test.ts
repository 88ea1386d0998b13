import { expect, it } from 'vitest'
import { createTurns } from './createTurns.js'

it('lets others in between streams that are ready at once', async () => {
  const turn = createTurns(1, 2)
  const order: string[] = []
  const streams = ['a', 'b', 'c'].map(async (name) => {
    await turn()
    order.push(name)
  })
  const others = (async () => {
    while (order.length < 7) {
      await new Promise((resolve) => setImmediate(resolve))
      order.push('other')
    }
  })()
  await Promise.all([...streams, others])
  expect(order.slice(0, 7)).toEqual(['a', 'other', 'other', 'b', 'other', 'other', 'c'])
})

it('goes on when the first have had their turns', async () => {
  const turn = createTurns()
  await turn()
  await Promise.all([turn(), turn()])
})

it('gives several streams a turn at once, so that the loop does not cost more than they do', async () => {
  const turn = createTurns(2)
  const order: string[] = []
  const streams = ['a', 'b', 'c'].map((name) => turn().then(() => order.push(name)))
  await new Promise((resolve) => setImmediate(resolve))
  expect(order).toEqual(['a', 'b'])
  await Promise.all(streams)
})
