import { expect } from 'vitest'
import {
  dayQuery,
  detectionQuery,
  hasProfile,
  known,
  lotDomains,
  rowPages,
  rowQueries,
  rowsOf,
  soon,
  type Check,
  type Exam,
} from './Exam.js'

/** Looks at the source until nothing is left in it, or gives up. */
const LOOKS = 100
const BETWEEN_LOOKS_MS = 50

/** A query as it begins: `next` gives its first part, then the following. */
interface Query {
  name: string
  begin: (signal: AbortSignal) => AsyncIterator<unknown>
}

export const ABORT_CHECKS: Check[] = [
  {
    name: 'rejects at once what is aborted before it begins',
    async run(exam) {
      const signal = AbortSignal.abort(new Error('aborted before'))
      for (const { name, begin } of queries(exam)) {
        await expect(soon(exam, begin(signal).next()), name).rejects.toThrow()
      }
    },
  },
  {
    name: 'ends what is aborted while it waits',
    async run(exam) {
      for (const { begin } of queries(exam)) {
        const controller = new AbortController()
        const first = begin(controller.signal).next()
        setTimeout(() => controller.abort(new Error('aborted meanwhile')), 1)
        // It may have been quicker than the abort.
        await soon(exam, Promise.allSettled([first]))
      }
      await expectNothingLeft(exam)
    },
  },
  {
    name: 'gives nothing more after an abort',
    async run(exam) {
      for (const { name, begin } of queries(exam)) {
        const controller = new AbortController()
        const parts = begin(controller.signal)
        await parts.next()
        controller.abort(new Error('aborted between'))
        const [next] = await soon(exam, Promise.allSettled([parts.next()]))
        // There may have been no more.
        if (next.status === 'fulfilled') expect(next.value.done, name).toBe(true)
      }
      await expectNothingLeft(exam)
    },
  },
  {
    name: 'ends when nobody reads on, and answers others as before',
    async run(exam) {
      const before = await answers(exam)
      for (const { begin } of queries(exam)) {
        const parts = begin(new AbortController().signal)
        await parts.next()
        await soon(exam, Promise.resolve(parts.return?.()))
      }
      await expectNothingLeft(exam)
      expect(await answers(exam)).toEqual(before)
    },
  },
  {
    name: 'lets go of the signal of a query that has ended',
    async run(exam) {
      for (const { name, begin } of queries(exam)) {
        const { signal, listeners } = watchedSignal()
        const parts = begin(signal)
        while (!(await parts.next()).done);
        expect(listeners(), `listeners of ${name}`).toBe(0)
      }
    },
  },
]

/** One of each kind that the profiles need. */
function queries(exam: Exam): Query[] {
  const { source } = exam
  const list: Query[] = []
  if (hasProfile(exam, ({ seeds }) => seeds?.dates)) {
    const query = dayQuery(exam)
    add('resolveSeeds', (signal) => once(source.resolveSeeds(query, { after: null, signal })))
  }
  if (hasProfile(exam, ({ stages }) => stages.includes('lineage'))) {
    for (const direction of ['backward', 'forward'] as const) {
      const ids = [...known(exam, 'ids')]
      add(`lineage ${direction}`, (signal) => once(source.lineage(ids, direction, { details: true, signal })))
    }
  }
  for (const domain of lotDomains(exam)) {
    const ids = [...known(exam, 'ids')]
    add(`events of ${domain}`, (signal) => source.events(domain, ids, { signal }))
  }
  if (hasProfile(exam, ({ figures }) => figures)) {
    const [query, ids] = [detectionQuery(exam, 'lots'), [...known(exam, 'ids')]]
    add('detections', (signal) => source.detections(query, ids, { signal }))
  }
  for (const query of rowQueries(exam)) {
    add(`rows of ${query.domain}`, (signal) => source.rows(query, { after: null, signal }))
  }
  return list

  function add(name: string, begin: (signal: AbortSignal) => AsyncIterable<unknown>) {
    list.push({ name, begin: (signal) => begin(signal)[Symbol.asyncIterator]() })
  }
}

async function* once<T>(answer: Promise<T>): AsyncGenerator<T> {
  yield await answer
}

/** A little of everything. */
async function answers(exam: Exam): Promise<unknown[]> {
  const all: unknown[] = []
  for (const domain of lotDomains(exam)) all.push(await rowsOf(exam, domain, known(exam, 'ids')))
  for (const query of rowQueries(exam)) all.push(await rowPages(exam, query))
  return all
}

async function expectNothingLeft({ facts }: Exam) {
  if (!facts.isIdle) return
  for (let look = 0; look < LOOKS; look++) {
    if (await facts.isIdle()) return
    await new Promise((resolve) => setTimeout(resolve, BETWEEN_LOOKS_MS))
  }
  throw new Error('Something of a query is left, long after it ended.')
}

/** A signal that counts who listens to it. */
function watchedSignal() {
  const { signal } = new AbortController()
  const listening = new Set<unknown>()
  const { addEventListener, removeEventListener } = signal
  signal.addEventListener = (...[type, listener, options]: Parameters<AbortSignal['addEventListener']>) => {
    listening.add(listener)
    addEventListener.call(signal, type, listener, options)
  }
  signal.removeEventListener = (
    ...[type, listener, options]: Parameters<AbortSignal['removeEventListener']>
  ) => {
    listening.delete(listener)
    removeEventListener.call(signal, type, listener, options)
  }
  return { signal, listeners: () => listening.size }
}
