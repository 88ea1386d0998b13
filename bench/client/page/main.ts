import { checksum } from './checksum.js'
import type { Result, Way } from './Way.js'
import { sentAfter } from './sentAfter.js'
import { watchPage, type PageTrace } from './watchPage.js'

/** One run of one way; times in ms from the request. */
export interface RunReport extends PageTrace {
  headersMs: number
  /** When rows could first be read; `null` from ways that give none. */
  firstRowsMs: number | null
  doneMs: number
  rows: number
}

const ways = import.meta.glob<Way>('./ways/*.{ts,js}')
const rowsText = document.querySelector('#rows')!
let result: Result = null

/** Called by the driver. */
const bench = {
  async run(name: string): Promise<RunReport> {
    const load = ways[`./ways/${name}.ts`] ?? ways[`./ways/${name}.js`]
    const { run, prepare } = await load!()
    await prepare?.()
    let firstRowsMs: number | null = null
    const watch = watchPage()
    const start = performance.now()
    result = await run('/stream.ndjson', (rows) => {
      firstRowsMs ??= performance.now() - start
      rowsText.textContent = String(rows)
    })
    const doneMs = performance.now() - start
    const headersMs = await sentAfter(start)
    const rows = Object.values(result ?? {}).reduce((sum, { length }) => sum + length, 0)
    return { headersMs, firstRowsMs, doneMs, rows, ...(await watch.stop()) }
  },

  checksum: () => result && checksum(result),

  /** What reading costs afterwards, in ms. */
  read() {
    const { history } = result!
    let at = 0
    const pages = 1000
    const pageStart = performance.now()
    for (let page = 0; page < pages; page++) {
      at = (at * 7919 + 12_345) % (history!.length - 50)
      for (let i = at; i < at + 50; i++) history!.at(i)
    }
    const pageMs = (performance.now() - pageStart) / pages
    const sums = Array.from({ length: 5 }, () => {
      const start = performance.now()
      history!.sum()
      return performance.now() - start
    })
    return { pageMs, sumMs: sums.sort((a, b) => a - b)[2]! }
  },

  /** A whole trace on a page with a table, from click to done, scrolling all the while. */
  async trace(baseUrl: string): Promise<RunReport> {
    const { mountTrace } = await import('./mountTrace.js')
    return mountTrace(baseUrl)
  },
}

Object.assign(globalThis, { bench })
