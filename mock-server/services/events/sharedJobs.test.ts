import { describe, expect, it } from 'vitest'
import type { JobQueue } from '../../ports/index.js'
import { createTestTrace, type TestTraceOptions } from '../../testing/createTestTrace.js'
import { readLines, rowsOf } from '../../testing/readLines.js'
import { scriptedRows, scriptedSource } from '../../testing/scriptedSource.js'

const CIDS = ['A', 'B', 'C']
const BODY = { profile: 'query_tool', container_ids: CIDS, domains: ['history', 'holds'] }

/** A source that waits before each page while it is held, and may fail domains. */
function heldSource() {
  const failing = new Set<string>()
  const aborted: string[] = []
  let gate: { opened: Promise<void>; open: () => void } | null = null
  const source = scriptedSource({
    beforePage: async ({ domain, signal }) => {
      if (gate) {
        await Promise.race([gate.opened, new Promise((resolve) => signal.addEventListener('abort', resolve))])
        if (signal.aborted) aborted.push(domain)
        signal.throwIfAborted()
      }
      if (failing.has(domain)) throw new Error(`${domain} is broken`)
    },
  })
  return {
    source,
    failing,
    aborted,
    hold() {
      let open = () => {}
      const opened = new Promise<void>((resolve) => (open = resolve))
      gate = { opened, open }
    },
    letGo() {
      gate?.open()
      gate = null
    },
  }
}

function setUp(options: TestTraceOptions = {}) {
  const held = heldSource()
  const trace = createTestTrace({ source: held.source, ...options })

  async function ask(body: Record<string, unknown> = BODY, headers: Record<string, string> = {}) {
    const response = await trace.post('events-async', body, headers)
    expect(response.status).toBe(202)
    return (await response.json()) as Record<string, string> & { joined?: boolean; age_seconds?: number }
  }
  const remove = (url: string) => trace.call(url, { method: 'DELETE' })
  const retry = (jobId: string) => trace.call(`/api/trace/job/${jobId}/retry`, { method: 'POST' })
  return { ...trace, ...held, ask, remove, retry }
}

describe('the same question', () => {
  it('joins the job that is on its way, and says how old it is', async () => {
    const { ask, hold, clock } = setUp()
    hold()
    const first = await ask()
    expect(first.joined).toBeUndefined()
    await clock.advance(4_000)
    const second = await ask()
    expect(second).toMatchObject({ job_id: first.job_id, joined: true, age_seconds: 4 })
    expect(second.cancel_url).not.toBe(first.cancel_url)
  })

  it('joins a whole result while half of its time is left', async () => {
    const { ask, ended, clock } = setUp({ settings: { jobTtlSeconds: 100 } })
    const { job_id } = await ask()
    await ended(job_id!)
    await clock.advance(49_000)
    expect(await ask()).toMatchObject({ job_id, joined: true })
    await clock.advance(2_000)
    const fresh = await ask()
    expect(fresh.job_id).not.toBe(job_id)
    expect(await ask()).toMatchObject({ job_id: fresh.job_id, joined: true })
  })

  it.each([
    ['other ids', { container_ids: ['A', 'B'] }],
    ['another order of ids', { container_ids: ['C', 'B', 'A'] }],
    ['other domains', { domains: ['history'] }],
    ['another profile', { profile: 'query_tool_reverse' }],
    ['other params', { params: { direction: 'forward' } }],
    ['other seeds', { seed_container_ids: ['A'] }],
    ['another lineage', { lineage: { ancestors: { A: ['Z'] } } }],
  ])('is not the same with %s', async (_, change) => {
    const { ask } = setUp()
    const first = await ask()
    const second = await ask({ ...BODY, ...change })
    expect(second.job_id).not.toBe(first.job_id)
    expect(second.joined).toBeUndefined()
  })

  it('is the same however its parameters are ordered', async () => {
    const { ask } = setUp()
    const first = await ask({ ...BODY, params: { a: 1, b: [2] } })
    expect(await ask({ params: { b: [2], a: 1 }, ...BODY })).toMatchObject({ job_id: first.job_id })
  })

  it('is the same for lineages of the same seeds', async () => {
    const { ask, post } = setUp()
    const lineage = async (headers = {}) => {
      const response = await post('lineage', { profile: 'query_tool', container_ids: CIDS }, headers)
      return ((await response.json()) as { lineage_id: string }).lineage_id
    }
    const [one, two] = [await lineage(), await lineage({ 'Cache-Control': 'no-cache' })]
    expect(two).not.toBe(one)
    const first = await ask({ profile: 'query_tool', lineage_id: one, domains: ['history'] })
    const second = await ask({ profile: 'query_tool', lineage_id: two, domains: ['history'] })
    expect(second).toMatchObject({ job_id: first.job_id, joined: true })
  })

  it('gets a run of its own when it asks for a fresh one, which others join then', async () => {
    const { ask, hold } = setUp()
    hold()
    const first = await ask()
    const fresh = await ask(BODY, { 'Cache-Control': 'no-cache' })
    expect(fresh.job_id).not.toBe(first.job_id)
    expect(await ask()).toMatchObject({ job_id: fresh.job_id, joined: true })
  })

  it('of another owner is another question', async () => {
    const { ask, post } = setUp({ identify: (request) => request.headers.get('X-User') ?? 'anyone' })
    const ann = await ask(BODY, { 'X-User': 'ann' })
    const bob = await ask(BODY, { 'X-User': 'bob' })
    expect(bob.job_id).not.toBe(ann.job_id)
    expect((await post('events-async', BODY, { 'X-User': 'ann' })).status).toBe(202)
  })

  it('makes one job of many requests at once, and keeps nothing of the others', async () => {
    const { ask, hold, log, queue } = setUp()
    hold()
    const answers = await Promise.all(Array.from({ length: 5 }, () => ask()))
    expect(new Set(answers.map(({ job_id }) => job_id)).size).toBe(1)
    expect(answers.filter(({ joined }) => joined)).toHaveLength(4)
    expect(await queue.health()).toMatchObject({ running: 1, waiting: 0 })
    expect(await log.snapshot(answers[0]!.job_id!)).toMatchObject({ cancelRequested: false })
  })

  it('does not join a job with failed domains, or one that failed', async () => {
    const { ask, ended, failing } = setUp()
    failing.add('holds')
    const partial = await ask()
    await ended(partial.job_id!)
    const second = await ask()
    expect(second.job_id).not.toBe(partial.job_id)
  })

  it('needs no room in the queue', async () => {
    const { ask, hold, post } = setUp({ settings: { queueLimit: 1 } })
    hold()
    const first = await ask()
    await ask({ ...BODY, container_ids: ['X'] })
    expect((await post('events-async', { ...BODY, container_ids: ['Y'] })).status).toBe(503)
    expect(await ask()).toMatchObject({ job_id: first.job_id, joined: true })
  })
})

describe('leaving', () => {
  it('of one of two callers leaves the job running; of both cancels it', async () => {
    const { ask, hold, remove, log, ended, aborted } = setUp()
    hold()
    const [one, two] = [await ask(), await ask()]
    const id = one.job_id!
    expect(await (await remove(one.cancel_url!)).json()).toMatchObject({ status: 'running' })
    expect((await remove(one.cancel_url!)).status).toBe(200)
    expect(await log.snapshot(id)).toMatchObject({ state: 'running', cancelRequested: false })
    expect(aborted).toEqual([])
    const last = await (await remove(two.cancel_url!)).json()
    expect(last).toMatchObject({ progress_detail: { phase: expect.stringMatching(/cancelling|done/) } })
    expect(await ended(id)).toMatchObject({ state: 'cancelled' })
    expect(aborted).toContain('history')
    expect(await (await remove(two.cancel_url!)).json()).toMatchObject({ status: 'cancelled' })
  })

  it('without a ticket is refused while others have asked', async () => {
    const { ask, hold, remove, log } = setUp()
    hold()
    const [one] = [await ask(), await ask()]
    const refused = await remove(one.status_url!)
    expect(refused.status).toBe(409)
    expect(await refused.json()).toMatchObject({ error: { code: 'JOB_SHARED' }, status: 'running' })
    expect(await log.snapshot(one.job_id!)).toMatchObject({ cancelRequested: false })
    await remove(one.cancel_url!)
    expect((await remove(one.status_url!)).status).toBe(200)
    expect(await log.snapshot(one.job_id!)).toMatchObject({ cancelRequested: true })
  })

  it('with a ticket that is not the job’s changes nothing', async () => {
    const { ask, hold, remove, log } = setUp()
    hold()
    const { job_id, status_url } = await ask()
    expect((await remove(`${status_url}?ticket=guessed`)).status).toBe(200)
    expect(await log.snapshot(job_id!)).toMatchObject({ cancelRequested: false })
  })
})

describe('a retry', () => {
  it('fetches the failed domains of a partial job again, in the same log', async () => {
    const { ask, ended, failing, retry, call } = setUp()
    failing.add('history')
    const { job_id, stream_url } = await ask()
    const before = await ended(job_id!)
    failing.clear()
    const response = await retry(job_id!)
    expect(response.status).toBe(202)
    expect(await response.json()).toMatchObject({ job_id, cancel_url: expect.stringContaining('ticket=') })
    const after = await ended(job_id!)
    expect(after).toMatchObject({ state: 'completed', epoch: before.epoch })
    expect(after.domains.map(({ state }) => state)).toEqual(['done', 'done'])

    const lines = await readLines(await call(stream_url!))
    expect(rowsOf(lines, 'history')).toEqual(scriptedRows('history', CIDS))
    expect(rowsOf(lines, 'holds')).toEqual(scriptedRows('holds', CIDS))
    expect(lines.filter(({ type, domain }) => type === 'domain_start' && domain === 'holds')).toHaveLength(1)
    expect(lines.at(-1)).toMatchObject({
      type: 'complete',
      total_records: 2 * scriptedRows('holds', CIDS).length,
    })
  })

  it('tells a reader who has the first run only what is new', async () => {
    const { ask, ended, failing, retry, call } = setUp()
    failing.add('history')
    const { job_id, stream_url } = await ask()
    const { head, epoch } = await ended(job_id!)
    failing.clear()
    await retry(job_id!)
    await ended(job_id!)
    const lines = await readLines(await call(`${stream_url}?after=${head}&epoch=${epoch}`))
    expect(lines[0]).toMatchObject({ type: 'domain_start', domain: 'history', seq: head + 1 })
    expect(rowsOf(lines, 'history')).toEqual(scriptedRows('history', CIDS))
    expect(rowsOf(lines, 'holds')).toEqual([])
  })

  it('goes on with a failed job from its checkpoint', async () => {
    const { ask, hold, letGo, log, ended, retry, call } = setUp()
    hold()
    const { job_id, stream_url } = await ask()
    await log.finish(job_id!, null, { state: 'failed', error: { code: 'WORKER_LOST', message: 'lost' } })
    letGo()
    expect((await retry(job_id!)).status).toBe(202)
    expect(await ended(job_id!)).toMatchObject({ state: 'completed', error: null })
    const lines = await readLines(await call(stream_url!))
    expect(rowsOf(lines, 'history')).toEqual(scriptedRows('history', CIDS))
  })

  it('of a job that is on its way, or whole, gives it as it is', async () => {
    const { ask, hold, letGo, ended, retry, log } = setUp()
    hold()
    const { job_id } = await ask()
    expect(await (await retry(job_id!)).json()).toMatchObject({ job_id })
    letGo()
    const { head } = await ended(job_id!)
    expect(await (await retry(job_id!)).json()).toMatchObject({ job_id })
    expect(await log.snapshot(job_id!)).toMatchObject({ state: 'completed', head })
  })

  it('of a cancelled job, of one whose question is gone, or of none is refused', async () => {
    const { ask, hold, remove, ended, retry, store, log } = setUp()
    hold()
    const cancelled = await ask()
    await remove(cancelled.cancel_url!)
    await ended(cancelled.job_id!)
    expect((await retry(cancelled.job_id!)).status).toBe(409)
    const gone = await ask()
    await log.finish(gone.job_id!, null, { state: 'failed', error: { code: 'JOB_FAILED', message: 'no' } })
    await store.delete(`job:${gone.job_id!}:cids`)
    expect((await retry(gone.job_id!)).status).toBe(404)
    expect((await retry('trace-evt-nobody')).status).toBe(404)
  })
})

describe('a job that the queue has lost', () => {
  /** A queue that silently loses the first job it is given. */
  async function setUpForgetful() {
    let hasLost = false
    const queueOf = (queue: JobQueue): JobQueue => ({
      ...queue,
      async submit(jobId) {
        if (hasLost) return queue.submit(jobId)
        hasLost = true
      },
    })
    const trace = setUp({ queueOf })
    const job = await trace.ask()
    return { ...trace, job, id: job.job_id! }
  }

  /** Tells which jobs were handed to the queue, in order. */
  function setUpWatched() {
    const submitted: string[] = []
    const queueOf = (queue: JobQueue): JobQueue => ({
      ...queue,
      submit(jobId) {
        submitted.push(jobId)
        return queue.submit(jobId)
      },
    })
    return { ...setUp({ queueOf }), submitted }
  }

  it('is handed out again when somebody asks how far it is', async () => {
    const { id, job, call, clock, log, ended } = await setUpForgetful()
    await call(job.status_url!)
    expect(await log.snapshot(id)).toMatchObject({ state: 'queued' })
    await clock.advance(10_000)
    await call(job.status_url!)
    expect(await ended(id)).toMatchObject({ state: 'completed' })
  })

  it('is handed out again when a page follows it', async () => {
    const { job, call, clock } = await setUpForgetful()
    const lines = readLines(await call(job.follow_url!))
    await clock.advance(10_000)
    expect((await lines).at(-1)).toMatchObject({ type: 'complete' })
  })

  it('is handed out again when its end was lost: nothing else would end it', async () => {
    const { ask, log, submitted, clock, call, ended } = setUpWatched()
    const job = await ask()
    const id = job.job_id!
    const end = await ended(id)
    // As a node of a cluster has it that was restarted, and the queue's was not.
    const expiresAtMs = clock.now() + 5_400_000
    log.snapshot = async () => ({ ...end, state: 'running', completedAtMs: null, expiresAtMs })
    await clock.advance(10_000)
    await call(job.status_url!)
    expect(submitted).toEqual([id, id])
  })

  it('is not queued once more where a worker has it, silent as it may be, and somebody looks at it', async () => {
    const { ask, hold, letGo, call, clock, queue, ended } = setUp()
    hold()
    const job = await ask()
    const lines = readLines(await call(job.follow_url!))
    for (let i = 0; i < 3; i++) {
      await clock.advance(11_000)
      await call(job.status_url!)
      expect(await queue.health()).toMatchObject({ waiting: 0, running: 1 })
    }
    letGo()
    expect(await ended(job.job_id!)).toMatchObject({ state: 'completed', attempt: 1 })
    expect((await lines).at(-1)).toMatchObject({ type: 'complete' })
  })

  it('is left alone while it shows signs of life, or waits for its turn', async () => {
    const { ask, hold, call, clock, submitted } = setUpWatched()
    hold()
    const running = await ask()
    const waiting = await ask({ ...BODY, container_ids: ['X'] })
    await clock.advance(9_000)
    await call(running.status_url!)
    await clock.advance(2_000)
    await call(waiting.status_url!)
    expect(submitted).toEqual([running.job_id, waiting.job_id])
  })
})
