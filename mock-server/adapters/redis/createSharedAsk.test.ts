import { expect, it } from 'vitest'
import { createSharedAsk } from './createSharedAsk.js'

const nextTurn = () => new Promise((resolve) => setImmediate(resolve))

it('asks once for all who ask the same at the same time, and anew for whoever comes later', async () => {
  const ask = createSharedAsk<string>()
  const answers: ((answer: string) => void)[] = []
  const run = () => new Promise<string>((resolve) => answers.push(resolve))

  const first = [ask('a', run), ask('a', run), ask('b', run)]
  expect(answers).toHaveLength(2)
  await nextTurn()
  const later = ask('a', run)
  expect(answers).toHaveLength(3)
  answers.forEach((answer, n) => answer(`answer ${n}`))
  expect(await Promise.all(first)).toEqual(['answer 0', 'answer 0', 'answer 1'])
  expect(await later).toBe('answer 2')
})
