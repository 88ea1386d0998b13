import { describe, expect, it } from 'vitest'
import { untilAborted } from '../../../src/async/abort.js'
import { readAhead, type ReadAheadOptions } from './readAhead.js'

const SIGNAL = new AbortController().signal
const TASKS = ['a', 'b', 'c', 'd', 'e']

/** Lets everything that can happen without an answer happen. */
async function settle() {
  for (let i = 0; i < 50; i++) await Promise.resolve()
}

/** A source of five tasks; the test answers their pages. */
function setUp(options: Partial<ReadAheadOptions> = {}) {
  const begun: string[] = []
  const aborted: string[] = []
  const answers = new Map<string, ((page: string[] | null | Error) => void)[]>()

  async function* open(task: string, signal: AbortSignal): AsyncGenerator<string[]> {
    begun.push(task)
    try {
      for (;;) {
        const page = await new Promise<string[] | null | Error>((resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason), { once: true })
          answers.set(task, [...(answers.get(task) ?? []), resolve])
        })
        if (page === null) return
        if (page instanceof Error) throw page
        yield page
      }
    } finally {
      if (signal.aborted) aborted.push(task)
    }
  }

  async function* tasks() {
    yield* TASKS
  }

  const readings = readAhead(tasks, open, { inFlight: 3, maxHeld: 10, signal: SIGNAL, ...options })
  return {
    begun,
    aborted,
    readings,
    /** Whether `task` waits for a page. */
    isAsked: (task: string) => (answers.get(task)?.length ?? 0) > 0,
    async answer(task: string, page: string[] | null | Error) {
      answers.get(task)!.shift()!(page)
      await settle()
    },
    async all(): Promise<[string, string[]][]> {
      const seen: [string, string[]][] = []
      for await (const { task, pages } of readings) {
        const items: string[] = []
        for await (const page of pages) items.push(...page)
        seen.push([task, items])
      }
      return seen
    },
  }
}

describe('reading ahead', () => {
  it('has as many queries under way as allowed, and gives their pages in the order of the tasks', async () => {
    const { begun, answer, all } = setUp()
    const result = all()
    await settle()
    expect(begun).toEqual(['a', 'b', 'c'])
    // The last comes first, and waits for its turn.
    for (const task of ['c', 'b', 'a']) {
      await answer(task, [`${task}1`])
      await answer(task, null)
    }
    expect(begun).toEqual(TASKS)
    for (const task of ['e', 'd']) await answer(task, null)
    expect(await result).toEqual([
      ['a', ['a1']],
      ['b', ['b1']],
      ['c', ['c1']],
      ['d', []],
      ['e', []],
    ])
  })

  it('holds no more than allowed, save for the page that the consumer waits for', async () => {
    const { readings, answer, isAsked } = setUp({ maxHeld: 3 })
    const first = readings.next()
    await settle()
    await answer('b', ['b1', 'b2', 'b3'])
    await answer('c', ['c1'])
    // No room: neither is asked for more, but the first in turn is.
    expect([isAsked('a'), isAsked('b'), isAsked('c')]).toEqual([true, false, false])
    await answer('a', ['a1'])
    expect(isAsked('a')).toBe(false)
    const pages = (await first).value!.pages[Symbol.asyncIterator]()
    expect((await pages.next()).value).toEqual(['a1'])
    await settle()
    expect([isAsked('a'), isAsked('b')]).toEqual([true, false])
    void readings.return(undefined)
  })

  it('goes on with those ahead once there is room', async () => {
    const { readings, answer, isAsked } = setUp({ maxHeld: 2 })
    const first = readings.next()
    await settle()
    await answer('b', ['b1', 'b2'])
    expect(isAsked('b')).toBe(false)
    await answer('a', null)
    const { value } = await first
    for await (const page of value!.pages) expect(page).toEqual([])
    const second = await readings.next()
    const pages = second.value!.pages[Symbol.asyncIterator]()
    expect((await pages.next()).value).toEqual(['b1', 'b2'])
    await settle()
    expect(isAsked('b')).toBe(true)
    void readings.return(undefined)
  })

  it('fails in the turn of the task that fails, not before', async () => {
    const { answer, all } = setUp()
    const result = all()
    const outcome = expect(result).rejects.toThrow('the source failed')
    await settle()
    await answer('b', new Error('the source failed'))
    await answer('a', ['a1'])
    await answer('a', null)
    await outcome
  })

  it('aborts what is under way when the consumer leaves', async () => {
    const { readings, aborted } = setUp()
    const first = readings.next()
    await settle()
    await first
    await readings.return(undefined)
    expect(aborted).toEqual(['a', 'b', 'c'])
  })

  it('aborts what is under way with its signal, which the consumer hears of', async () => {
    const controller = new AbortController()
    const { readings, aborted } = setUp({ signal: controller.signal })
    const { value } = await readings.next()
    const page = value!.pages[Symbol.asyncIterator]().next()
    await settle()
    controller.abort(new Error('cancelled'))
    await expect(page).rejects.toThrow('cancelled')
    await readings.return(undefined)
    expect(aborted).toEqual(['a', 'b', 'c'])
  })

  it('begins nothing when its signal is aborted already', async () => {
    const { readings, begun } = setUp({ signal: AbortSignal.abort(new Error('cancelled')) })
    await expect(readings.next()).rejects.toThrow('cancelled')
    expect(begun).toEqual([])
  })

  it('gives what is there while the next task is still to come', async () => {
    let isStopped = false
    async function* slow(signal: AbortSignal) {
      yield 'a'
      await untilAborted(signal, new Promise(() => {})).catch(() => (isStopped = true))
    }
    const readings = readAhead(
      slow,
      async function* (task) {
        yield [task]
      },
      { inFlight: 3, maxHeld: 10, signal: SIGNAL },
    )
    const { value } = await readings.next()
    const pages: string[][] = []
    for await (const page of value!.pages) pages.push(page)
    expect(pages).toEqual([['a']])
    await readings.return(undefined)
    expect(isStopped).toBe(true)
  })

  it('reads one after the other when one may be in flight', async () => {
    const { begun, answer, all } = setUp({ inFlight: 1 })
    const result = all()
    for (const task of TASKS) {
      await settle()
      expect(begun.at(-1)).toBe(task)
      await answer(task, null)
    }
    expect((await result).map(([task]) => task)).toEqual(TASKS)
  })
})
