import { afterEach, describe, expect, it, vi } from 'vitest'
import type { JobQueue } from '../../ports/index.js'
import { createManualClock } from '../../testing/createManualClock.js'
import { describeJobQueue, QUEUE_TIMES } from '../contracts/jobQueue.contract.js'
import { textsOf } from '../contracts/resultLog/logFixture.js'
import { createByteBudget } from '../memory/createByteBudget.js'
import { createMemoryBatchStore } from '../memory/createMemoryBatchStore.js'
import { createMemoryResultLog } from '../memory/createMemoryResultLog.js'
import { zlibCodec } from '../zlib/zlibCodec.js'
import { createThreadJobQueue } from './createThreadJobQueue.js'

// Each job begins a thread, and loads TypeScript into it.
vi.setConfig({ testTimeout: 60_000 })

function setUp(workers: number, heapMb = 64) {
  const clock = createManualClock()
  const budget = createByteBudget(2 ** 20)
  const log = createMemoryResultLog({ clock, budget, ttlSeconds: 1000, unfinishedTtlSeconds: 1000 })
  const store = createMemoryBatchStore({ clock, budget })
  const entry = new URL('./contractThread.ts', import.meta.url)
  const warnings: string[] = []
  const queue = createThreadJobQueue({
    ...{ log, store, clock, workers, entry, heapMb },
    ...QUEUE_TIMES,
    setup: null,
    warn: (message) => warnings.push(message),
  })
  return { queue, log, clock, store, warnings }
}

const sum = (numbers: number[]) => numbers.reduce((total, each) => total + each, 0)

describeJobQueue('threads', ({ workers }) => setUp(workers))

describe('a job in a thread', () => {
  let queue: JobQueue | null = null
  afterEach(() => queue?.close())

  async function run(jobId: string, harness: ReturnType<typeof setUp>) {
    queue = harness.queue
    const { log } = harness
    await log.create({
      jobId,
      owner: '',
      kind: 'events',
      profile: 'p',
      domains: ['history'],
      cidCount: 0,
      createdAtMs: 0,
    })
    await queue.submit(jobId)
    for (;;) {
      const snapshot = await log.snapshot(jobId)
      if (snapshot === null || snapshot === 'expired') throw new Error('the job is gone')
      if (snapshot.completedAtMs !== null) return snapshot
      await log.changed(jobId, snapshot, new AbortController().signal)
    }
  }

  it('that runs out of memory fails alone, and at once', async () => {
    const harness = setUp(1, 32)
    const snapshot = await run('greedy-1', harness)
    expect(snapshot).toMatchObject({ state: 'failed', error: { code: 'JOB_OUT_OF_MEMORY' } })
    expect(harness.warnings).toEqual(['takes all there is'])
    expect(await run('quick-2', harness)).toMatchObject({ state: 'completed' })
  })

  it("reads lists from the main thread's store, and writes rows and lists to its log", async () => {
    const harness = setUp(1)
    const texts = ['first\n', 'second\n'.repeat(1000), '測試\n']
    const chunks = texts.map((text) => zlibCodec.encode(new TextEncoder().encode(text)))
    await harness.store.put('reader-1', chunks, 100)
    expect(await run('reader-1', harness)).toMatchObject({ state: 'completed', head: 4 })
    for (const [index, text] of texts.entries()) {
      const chunk = await harness.log.chunk('reader-1', index + 2)
      expect(new TextDecoder().decode(zlibCodec.decode(chunk))).toBe(text)
    }
    expect(await textsOf(harness.log, 'seeds', 'reader-1')).toEqual(texts)
    expect(harness.warnings).toEqual([`${sum(texts.map((text) => Buffer.byteLength(text)))} bytes of seeds`])
  })

  it('finds no list where there is none', async () => {
    expect(await run('reader-2', setUp(1))).toMatchObject({ state: 'completed', head: 1 })
  })
})
