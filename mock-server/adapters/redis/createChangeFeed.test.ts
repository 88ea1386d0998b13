import { expect, it } from 'vitest'
import { createChangeFeed } from './createChangeFeed.js'

const NEVER = new AbortController().signal

/** A feed whose readings the test answers, in the order they were asked. */
function setUp() {
  const readings: ((version: number) => void)[] = []
  const feed = createChangeFeed<number>(
    () => new Promise<number>((resolve) => readings.push(resolve)),
    60_000,
  )
  const wait = (seen: number) => feed.changed('job', (version) => version === seen, NEVER)
  return { ...feed, readings, wait }
}

it('reads a job twice, not two hundred times, when two hundred begin to wait for it', async () => {
  const { readings, wait, close } = setUp()
  const waits = Array.from({ length: 200 }, () => wait(1))
  expect(readings).toHaveLength(1)
  readings[0]!(1)
  await Promise.resolve()
  await Promise.resolve()
  expect(readings).toHaveLength(2)
  readings[1]!(2)
  await Promise.all(waits)
  expect(readings).toHaveLength(2)
  close()
})

it('tells whoever comes while a job is being read of a change since that reading', async () => {
  const { readings, wait, close } = setUp()
  const first = wait(1)
  const second = wait(2)
  readings[0]!(2)
  await first
  readings[1]!(3)
  await second
  close()
})

it('wakes a few of many at a time, so that others have their turn in between', async () => {
  const { readings, wait, notify, close } = setUp()
  let awake = 0
  const waits = Array.from({ length: 20 }, () => wait(1).then(() => awake++))
  notify('job')
  await Promise.resolve()
  await Promise.resolve()
  expect(awake).toBe(8)
  await Promise.all(waits)
  expect(awake).toBe(20)
  for (const answer of readings) answer(1)
  close()
})
