import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { chromium, type CDPSession } from 'playwright'
import { openTarget, type Target } from './openTarget.js'
import type { RunReport } from './page/main.js'
import { watchHost } from './watchHost.js'

/** One run with what the browser's process took. */
export interface Measured extends RunReport {
  /** JavaScript heap and buffers of the page after a garbage collection, in MB. */
  heapMb: number
  /** Highest resident memory of the page's process, in MB. */
  peakMb: number
  /** Processor time of the page's process, all its threads, in s. */
  cpuSeconds: number
  /** What the host took of all processors meanwhile, from 0 to 1. */
  stolenShare: number
  read: { pageMs: number; sumMs: number } | null
  checksum: string | null
}

export interface RunOptions {
  /** A way of `page/ways`, or, for the whole page, where its server is. */
  way: string | { server: string }
  /** Slows the page's main thread down so many times. */
  throttle?: number
  withChecksum?: boolean
  timeoutMs: number
}

/** From the page's load to the start of a run. */
const SETTLE_MS = 2_500

/** Runs one way in a browser of its own, so that no run inherits another's memory. */
export async function runInChromium(origin: string, options: RunOptions): Promise<Measured> {
  const { way, throttle = 1, withChecksum = false, timeoutMs } = options
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
  const giveUp = setTimeout(() => void browser.close(), timeoutMs)
  try {
    const page = await openTarget(browser, origin)
    // A browser goes on starting for a second or two: it loads pages of its own, on the same cores.
    await sleep(SETTLE_MS)
    if (throttle > 1) await page.send('Emulation.setCPUThrottlingRate', { rate: throttle })
    const host = watchHost()
    const report =
      typeof way === 'object'
        ? await traceAndScroll(page, way.server)
        : await page.evaluate<RunReport>(`bench.run(${JSON.stringify(way)})`)
    const stolenShare = host.stolenShare()
    const { peakMb, cpuSeconds } = await rendererUsage(await browser.newBrowserCDPSession())
    const heapMb = await heapAfterCollection(page)
    const hasRows = report.rows > 0 && typeof way === 'string'
    const read = hasRows ? await page.evaluate<Measured['read']>('bench.read()') : null
    const checksum = hasRows && withChecksum ? await page.evaluate<string>('bench.checksum()') : null
    return { ...report, peakMb, cpuSeconds, stolenShare, heapMb, read, checksum }
  } finally {
    clearTimeout(giveUp)
    await browser.close()
  }
}

/** The whole page, its table under a wheel that does not rest: 240 px a turn, 60 turns a second at most. */
async function traceAndScroll(page: Target, server: string): Promise<RunReport> {
  let isOver = false
  const report = page
    .evaluate<RunReport>(`bench.trace(${JSON.stringify(server)})`)
    .finally(() => (isOver = true))
  const turn = { type: 'mouseWheel', x: 300, y: 400, deltaX: 0, deltaY: 240 }
  while (!isOver) await Promise.all([page.send('Input.dispatchMouseEvent', turn), sleep(16)])
  return await report
}

async function heapAfterCollection(page: Target): Promise<number> {
  await page.send('HeapProfiler.collectGarbage')
  const usage = await page.send<{ usedSize: number; backingStorageSize?: number }>('Runtime.getHeapUsage')
  return (usage.usedSize + (usage.backingStorageSize ?? 0)) / 1e6
}

/** From Linux's own books: there is no other way to a process's highest memory. */
async function rendererUsage(browser: CDPSession): Promise<{ peakMb: number; cpuSeconds: number }> {
  const { processInfo } = await browser.send('SystemInfo.getProcessInfo')
  const renderers = processInfo.filter(({ type }) => type === 'renderer')
  const peaks = renderers.map(
    ({ id }) => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${id}/status`, 'utf8'))?.[1]) / 1000,
  )
  return { peakMb: Math.max(...peaks), cpuSeconds: Math.max(...renderers.map(({ cpuTime }) => cpuTime)) }
}
