import { beforeEach, expect, it, vi } from 'vitest'
import { systemClock } from '../../../src/async/clock.js'
import { createTraceApi } from '../../http/createTraceApi.js'
import type { ResultLog } from '../../ports/index.js'
import { JOB_FORMAT } from '../../ports/ResultLog.js'
import { createTraceServices } from '../../services/createTraceServices.js'
import { createTestTrace } from '../../testing/createTestTrace.js'
import { describeWithRedis, useTestRedis } from '../../testing/testRedis.js'
import { commitOf, job, records } from '../contracts/resultLog/logFixture.js'
import { LOG_TTL } from '../contracts/resultLog.contract.js'
import { identityCodec } from '../memory/identityCodec.js'
import { beatWorker } from './beatWorker.js'
import { connectRedis } from './connectRedis.js'
import { addJob, createRedisJobQueue, openQueue } from './createRedisJobQueue.js'
import { createRedisResultLog } from './createRedisResultLog.js'
import { jobKeys } from './jobKeys.js'
import { packChunk } from './packedChunk.js'
import { redisQueueNames } from './RedisQueueNames.js'
import { workRedisQueue } from './workRedisQueue.js'

const UNKNOWN = 'columns-9'
const LEFT_ALONE = { code: 'STORE_UNAVAILABLE', retryable: true }

describeWithRedis('Jobs of other formats in Redis', () => {
  const fixture = useTestRedis()
  let prefix: string
  let log: ReturnType<typeof createRedisResultLog>

  beforeEach(() => {
    const { redis, subscriber } = fixture
    prefix = fixture.freshPrefix()
    log = createRedisResultLog({ redis, subscriber, prefix, budgetBytes: 0, ...LOG_TTL })
    fixture.closeAfter(log.close)
  })

  /** A job of the first format, as the release before stored it: `history` is done, `holds` begun. */
  async function storeFirstFormat(jobId: string, state: 'queued' | 'running' | 'failed' = 'failed') {
    const { meta, index, chunks, tombstone } = jobKeys(prefix, jobId)
    const { kind: _, ...descriptor } = job(jobId)
    const { admin } = fixture
    const runId = /run_id:(\w+)/.exec(await admin.info('server'))![1]!
    const error = state === 'failed' ? '{"code":"JOB_TIMEOUT","message":"too slow"}' : ''
    const isNew = state === 'queued'
    await admin.hset(meta, {
      ...{ job: JSON.stringify(descriptor), state, phase: isNew ? 'queued' : 'fetching', epoch: 'e', runId },
      ...{
        attempt: isNew ? 0 : 1,
        head: isNew ? 1 : 6,
        currentDomain: '',
        cidsDone: 0,
        textBytes: 20,
        error,
      },
      ...{ cancelRequested: 0, hasAggregation: 0, expiresAtMs: Date.now() + 100_000, startedAtMs: 1_000 },
      checkpoint: isNew
        ? '{"domainIndex":0,"idBatchesDone":0,"rowsDone":0}'
        : '{"domainIndex":1,"idBatchesDone":1,"rowsDone":0}',
      ...{ 'state:history': isNew ? 'waiting' : 'done', 'rows:history': isNew ? 0 : 5, 'code:history': '' },
      ...{ 'state:holds': isNew ? 'waiting' : 'running', 'rows:holds': isNew ? 0 : 2, 'code:holds': '' },
    })
    await admin.set(tombstone, '')
    if (isNew) return
    const lines = [records(3, 0, 5), records(6, 0, 2, 'holds')].map((entry) => {
      const { chunk, ...line } = entry as typeof entry & { type: 'records' }
      return { line, chunk }
    })
    const entries = [
      { seq: 2, domain: 'history', type: 'domain_start' },
      lines[0]!.line,
      { seq: 4, domain: 'history', type: 'domain_end', count: 5 },
      { seq: 5, domain: 'holds', type: 'domain_start' },
      lines[1]!.line,
    ]
    await admin.rpush(index, ...entries.map((entry) => JSON.stringify(entry)))
    for (const { line, chunk } of lines) await admin.hset(chunks, String(line.seq), packChunk(chunk))
  }

  async function startWorker(handler: (jobId: string) => Promise<void>) {
    const names = redisQueueNames(prefix, 'trace-events')
    const { redis, subscriber, address } = fixture
    const queue = createRedisJobQueue({ redis, names, log })
    const connection = connectRedis(address, 'waiting')
    fixture.closeAfter(() => connection.disconnect())
    const worker = workRedisQueue({
      ...{ handler: ({ jobId }) => handler(jobId), redis, connection, subscriber, names, log },
      ...{ clock: systemClock, timeoutMs: 60_000, graceMs: 100 },
    })
    fixture.closeAfter(queue.close)
    fixture.closeAfter(worker.close)
    await worker.ready
    return { queue, names, worker }
  }

  async function complete(jobId: string) {
    const { lease } = await log.open(jobId)
    await log.finish(jobId, lease, { state: 'completed', aggregation: null })
  }

  const stateOf = async (jobId: string) => {
    const snapshot = await log.snapshot(jobId)
    return snapshot === null || snapshot === 'expired' ? snapshot : snapshot.state
  }

  it('are read on where they are of the first format, whose jobs do not say so', async () => {
    await storeFirstFormat('j')
    expect(await log.snapshot('j')).toMatchObject({
      ...{ kind: 'events', cidCount: 20, state: 'failed', head: 6, rows: 7, seedsTotal: null },
      error: { code: 'JOB_TIMEOUT' },
    })
    expect(await log.entries('j', 1, 10)).toHaveLength(5)
    expect(identityCodec.decode(await log.chunk('j', 6))).toHaveLength(10)
    expect(await log.join('j', 'ann')).toBe(false)
  })

  it.each(['running', 'failed'] as const)(
    'are gone on with where they are of the first format, and %s: what was half done is taken back',
    async (state) => {
      await storeFirstFormat('j', state)
      if (state === 'failed') expect(await log.reopen('j', 'ann')).toBe(true)
      const { lease, snapshot } = await log.open('j')
      expect(snapshot).toMatchObject({
        ...{ kind: 'events', state: 'running', phase: 'fetching', attempt: 2, head: 7, rows: 5 },
        domains: [
          { name: 'history', state: 'done', rows: 5, checkpoint: { idsDone: 20, placesDone: [] } },
          { name: 'holds', state: 'waiting', rows: 0, checkpoint: { idsDone: 0, placesDone: [] } },
        ],
      })
      expect((await log.entries('j', 6, 9))[0]).toEqual({
        ...{ seq: 7, domain: 'holds', type: 'domain_failed', code: 'WORKER_LOST', fromSeq: 5 },
      })
      const entries = [{ seq: 8, domain: 'holds', type: 'domain_start' } as const, records(9, 0, 1, 'holds')]
      await log.commit('j', lease, commitOf(entries, { holds: { idsDone: 20, placesDone: [] } }))
      expect((await log.open('j')).snapshot).toMatchObject({ head: 9, rows: 6, attempt: 3 })
    },
  )

  it(
    'go on, once nobody else takes them, from the queue of the first format',
    { timeout: 20_000 },
    async () => {
      const names = redisQueueNames(prefix, 'trace-events')
      const first = openQueue(fixture.redis, names.bullPrefix, names.firstQueueName)
      fixture.closeAfter(() => first.close())
      await storeFirstFormat('j', 'queued')
      await addJob(first, 'j')
      await startWorker(complete)
      await vi.waitUntil(async () => (await stateOf('j')) === 'completed', { timeout: 10_000 })
      expect(await first.getJobCountByTypes('wait', 'active', 'delayed')).toBe(0)
    },
  )

  it('are left to workers of the first format while these are there', async () => {
    const names = redisQueueNames(prefix, 'trace-events')
    const first = openQueue(fixture.redis, names.bullPrefix, names.firstQueueName)
    fixture.closeAfter(() => first.close())
    const older = beatWorker(fixture.redis, names.firstWorkersKey, 1)
    await older.start()
    fixture.closeAfter(older.stop)
    await storeFirstFormat('j', 'queued')
    await addJob(first, 'j')
    const { queue } = await startWorker(complete)
    await log.create(job('k'))
    await queue.submit('k')
    await vi.waitUntil(async () => (await stateOf('k')) === 'completed')
    expect(await stateOf('j')).toBe('queued')
    expect(await first.getWaitingCount()).toBe(1)
  })

  it('that are unknown change by no method of the log', async () => {
    await log.create(job('j'))
    const { lease } = await log.open('j')
    const { meta } = jobKeys(prefix, 'j')
    await fixture.admin.hset(meta, 'format', UNKNOWN)
    const before = await fixture.admin.hgetall(meta)
    const methods: ((log: ResultLog) => Promise<unknown>)[] = [
      (log) => log.snapshot('j'),
      (log) => log.open('j'),
      (log) => log.commit('j', lease, commitOf([])),
      (log) => log.finish('j', lease, { state: 'completed', aggregation: null }),
      (log) => log.finish('j', null, { state: 'failed', error: { code: 'WORKER_LOST', message: '' } }),
      (log) => log.join('j', 'ann'),
      (log) => log.leave('j', null),
      (log) => log.reopen('j', 'ann'),
      (log) => log.entries('j', 1, 9),
    ]
    for (const method of methods) await expect(method(log)).rejects.toMatchObject(LEFT_ALONE)
    expect(await fixture.admin.hgetall(meta)).toEqual(before)
    await expect(log.snapshot('j')).rejects.toThrow(`"${UNKNOWN}"`)
  })

  it('that are unknown are 503 on every route of a job', async () => {
    const trace = createTestTrace()
    const api = createTraceApi(createTraceServices({ ...trace, log }))
    await log.create({ ...job('trace-evt-1'), owner: '' })
    await fixture.admin.hset(jobKeys(prefix, 'trace-evt-1').meta, 'format', UNKNOWN)
    const routes: [string, string][] = [
      ['GET', ''],
      ['DELETE', ''],
      ['POST', '/retry'],
      ['GET', '/stream'],
      ['GET', '/stream?follow=1'],
      ['GET', '/result'],
      ['GET', '/export?domain=history'],
    ]
    for (const [method, path] of routes) {
      const url = `http://localhost/api/trace/job/trace-evt-1${path}`
      const answer = await api(new Request(url, { method }))
      expect(answer.status, `${method} ${path}`).toBe(503)
      expect(answer.headers.get('retry-after')).toBe('2')
      expect(await answer.json()).toMatchObject({
        error: { code: 'STORE_UNAVAILABLE', message: expect.stringContaining(UNKNOWN) as string },
      })
    }
  })

  it('that are unknown are left in the queue for a worker that knows them', { timeout: 20_000 }, async () => {
    await log.create(job('j'))
    const { meta } = jobKeys(prefix, 'j')
    await fixture.admin.hset(meta, 'format', UNKNOWN)
    let attempts = 0
    const { queue } = await startWorker((jobId) => {
      attempts += 1
      return complete(jobId)
    })
    await queue.submit('j')
    await vi.waitUntil(() => attempts >= 4, { timeout: 10_000 })
    expect(await fixture.admin.hmget(meta, 'state', 'attempt')).toEqual(['queued', '0'])
    await fixture.admin.hset(meta, 'format', JOB_FORMAT)
    await vi.waitUntil(async () => (await stateOf('j')) === 'completed', { timeout: 10_000 })
    expect(await log.snapshot('j')).toMatchObject({ attempt: 1 })
  })
})
