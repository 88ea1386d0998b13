import { pino } from 'pino'
import { beforeEach, describe, expect, it } from 'vitest'
import { createTraceApi, type TraceApi } from '../../http/createTraceApi.js'
import { createTraceServices } from '../../services/createTraceServices.js'
import { storeLineage } from '../../services/stages/storedLineage.js'
import { createTestTrace } from '../../testing/createTestTrace.js'
import { parseLines } from '../../testing/readLines.js'
import { LOG_TTL } from '../contracts/resultLog.contract.js'
import { textsOf } from '../contracts/resultLog/logFixture.js'
import { zlibCodec } from '../zlib/zlibCodec.js'
import { createRedisBatchStore } from './createRedisBatchStore.js'
import { createRedisQuestionIndex } from './createRedisQuestionIndex.js'
import { createRedisResultLog } from './createRedisResultLog.js'
import { readSharedMeter } from './createSharedMeter.js'
import { jobKeys } from './jobKeys.js'
import { packChunk } from './packedChunk.js'
import { ageKeys, describeWithRedis, useTestRedis } from '../../testing/testRedis.js'

const utf8 = new TextEncoder()
const IDS = ['a', 'b', 'c']

describeWithRedis('Values in Redis that are damaged, or of somebody else', () => {
  const fixture = useTestRedis()
  let prefix: string
  let api: TraceApi
  let log: ReturnType<typeof createRedisResultLog>
  let causes: unknown[]
  let jobId: string
  let trace: ReturnType<typeof createTestTrace>

  /** A completed job whose log and question lie in Redis, and the API over them. */
  beforeEach(async () => {
    const { redis, subscriber } = fixture
    prefix = fixture.freshPrefix()
    log = createRedisResultLog({ redis, subscriber, prefix, budgetBytes: 0, ...LOG_TTL })
    fixture.closeAfter(log.close)
    trace = createTestTrace()
    const store = createRedisBatchStore({ redis, prefix, budgetBytes: 0 })
    const questions = createRedisQuestionIndex({ redis, prefix })
    const queue = { ...trace.queue, submit: async () => {}, place: async () => null }
    const services = createTraceServices({ ...trace, log, store, questions, queue })
    causes = []
    api = createTraceApi(services, { onError: (cause) => void causes.push(cause) })
    const request = { profile: 'query_tool', container_ids: IDS, domains: ['history'] }
    jobId = (await (await post('events-async', request)).json()).job_id
    const { lease } = await log.open(jobId)
    const line = JSON.stringify({ type: 'records', seq: 3, domain: 'history', batch: 0, count: 1 })
    const chunk = zlibCodec.encode(utf8.encode(`${line.slice(0, -1)},"data":[{"CONTAINERID":"a"}]}\n`))
    const { textBytes } = chunk
    const domain = 'history'
    await log.commit(jobId, lease, {
      entries: [
        { type: 'domain_start', seq: 2, domain },
        { type: 'records', seq: 3, domain, batch: 0, count: 1, textBytes, chunk },
        { type: 'domain_end', seq: 4, domain, count: 1 },
      ],
      lists: [{ list: 'seeds', chunk: zlibCodec.encode(utf8.encode('["a"]')) }],
      checkpoints: new Map([[domain, { idsDone: 3, placesDone: [] }]]),
      progress: { phase: 'fetching', currentDomain: domain, cidsDone: 3 },
    })
    const aggregation = zlibCodec.encode(utf8.encode('{"type":"aggregation","data":{}}\n'))
    await log.finish(jobId, lease, { state: 'completed', aggregation })
  })

  const get = (path: string, init?: RequestInit) =>
    api(new Request(`http://localhost/api/trace/job/${jobId}${path}`, init))
  const post = (stage: string, body: unknown) =>
    api(
      new Request(`http://localhost/api/trace/${stage}`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
      }),
    )
  const codeOf = async (response: Response) => (await response.json()).error?.code as string
  const seedsOf = () => textsOf(log, 'seeds', jobId)
  const keys = () => jobKeys(prefix, jobId)
  const faults = () => causes.map(String)
  const lastLine = async () => parseLines(await (await get('/stream')).text()).at(-1)

  it('are none of those that this server has stored', async () => {
    expect((await get('')).status).toBe(200)
    expect(await lastLine()).toMatchObject({ type: 'complete', total_records: 1 })
    expect((await (await get('/result')).json()).results.history.data).toEqual([{ CONTAINERID: 'a' }])
    expect(await (await get('/export?domain=history')).text()).toContain('CONTAINERID\r\na\r\n')
    expect(faults()).toEqual([])
  })

  it.each([
    ['job', 'no JSON'],
    ['job', '{}'],
    [
      'job',
      '{"jobId":"another","kind":"events","owner":"","profile":"p","domains":[],"cidCount":0,"createdAtMs":0}',
    ],
    ['state', 'stopped'],
    ['head', '1e400'],
    ['head', ''],
    ['checkpoint:history', '[]'],
    ['checkpoint:history', '{"idsDone":-1,"placesDone":[]}'],
    ['stages', '{"seedsAfter":0,"areSeedsDone":false,"seedsTraced":0}'],
    ['cidCount', 'many'],
    ['seedsTotal', '-1'],
    ['error', '{"code":"NOBODYS"}'],
    ['rows:history', '-1'],
    ['state:history', ''],
    ['expiresAtMs', 'tomorrow'],
  ])('are a fault for the operator, not a Redis that cannot be reached: %s %j', async (field, value) => {
    await fixture.admin.hset(keys().meta, field, value)
    const response = await get('')
    expect(response.status).toBe(500)
    expect(await codeOf(response)).toBe('INTERNAL_ERROR')
    expect(faults()).toHaveLength(1)
    expect(faults()[0]).toMatch(/job .*stored/i)
  })

  it('are a fault where another kind of value lies under the key', async () => {
    await fixture.admin.del(keys().meta)
    await fixture.admin.set(keys().meta, 'x')
    expect((await get('')).status).toBe(500)
    expect(faults()[0]).toContain('WRONGTYPE')
  })

  it('are a fault whose log line has neither the ticket nor the bytes that were sent', async () => {
    const { redis, admin } = fixture
    const lines: string[] = []
    const logger = pino({}, { write: (line) => void lines.push(line) })
    await admin.hset(keys().meta, 'state', 'running')
    await admin.del(keys().tickets)
    await admin.set(keys().tickets, 'x')
    const leaving = get('?ticket=SECRET-TICKET', { method: 'DELETE' })
    expect((await leaving).status).toBe(500)
    const store = createRedisBatchStore({ redis, prefix, budgetBytes: 0 })
    await admin.set(`${prefix}:trace:store:{list}`, 'x')
    causes.push(await store.get('list').catch((cause: unknown) => cause))
    for (const err of causes) logger.error({ err })
    expect(lines).toHaveLength(2)
    for (const line of lines) {
      expect(line).toContain('WRONGTYPE')
      expect(line).not.toMatch(/SECRET-TICKET|"args"/)
    }
  })

  describe('are rows that are missing', () => {
    const foreign = zlibCodec.encode(utf8.encode('{"type":"records","seq":9,"data":[]}\n'))
    it.each([
      ['no chunk at all', Buffer.from('x')],
      ['another line', packChunk(foreign)],
      ['a length that lies', packChunk({ ...foreign, textBytes: 2 ** 32 - 1 })],
      ['a length that hides 10 MB', packChunk({ ...zlibCodec.encode(new Uint8Array(1e7)), textBytes: 5 })],
      ['damaged bytes', packChunk({ ...foreign, bytes: foreign.bytes.map((byte) => byte ^ 0x55) })],
    ])('%s', async (name, chunk) => {
      await fixture.admin.hset(keys().chunks, '3', chunk)
      const missing = { code: 'CHUNK_MISSING' }
      await expect((await get('/export?domain=history')).text()).rejects.toMatchObject(missing)
      await expect((await get('/result')).text()).rejects.toMatchObject(missing)
      if (name !== 'another line') {
        expect(await lastLine()).toMatchObject({ ...missing, type: 'error', retryable: false })
      }
    })

    it('where the chunks should be lies something else', async () => {
      await fixture.admin.del(keys().chunks)
      await fixture.admin.set(keys().chunks, 'x')
      expect(await lastLine()).toMatchObject({ type: 'error', code: 'CHUNK_MISSING', retryable: false })
    })

    it.each(['no JSON', '{"type":"records","seq":3,"domain":"history"}', '{"type":"domain_end","seq":9}'])(
      'an entry of the index: %s',
      async (entry) => {
        await fixture.admin.lset(keys().index, 1, entry)
        expect(await lastLine()).toMatchObject({ type: 'error', code: 'CHUNK_MISSING', retryable: false })
        await expect((await get('/result')).text()).rejects.toMatchObject({ code: 'CHUNK_MISSING' })
        expect(trace.warnings.join('\n')).toContain('cannot be read on')
      },
    )

    it.each([
      ['a chunk of a list', 'list:seeds:0', 'x'],
      ['one of its chunks that is lost', 'list:seeds:0', null],
    ])('%s', async (_name, field, value) => {
      if (value === null) await fixture.admin.hdel(keys().chunks, field)
      else await fixture.admin.hset(keys().chunks, field, value)
      await expect(seedsOf()).rejects.toMatchObject({ code: 'CHUNK_MISSING' })
    })

    it('a list whose length is none', async () => {
      await fixture.admin.hset(keys().meta, 'list:seeds', 'many')
      await expect(seedsOf()).rejects.toMatchObject({ code: 'CHUNK_MISSING' })
    })

    it('an aggregation', async () => {
      await fixture.admin.hset(keys().chunks, 'aggregation', packChunk(foreign))
      await expect((await get('/result')).text()).rejects.toMatchObject({ code: 'CHUNK_MISSING' })
    })
  })

  it('are rows that have expired, where time has passed while they were read', async () => {
    const reader = (await get('/stream?follow=1')).body!.getReader()
    await reader.read()
    await ageKeys(fixture.admin, 1_000 * LOG_TTL.ttlSeconds)
    let text = ''
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      text += new TextDecoder().decode(part.value)
    }
    expect(parseLines(text).at(-1)).toMatchObject({
      type: 'error',
      code: 'JOB_RESULT_EXPIRED',
      retryable: false,
    })
    expect(await codeOf(await get(''))).toBe('JOB_RESULT_EXPIRED')
  })

  it('are no question to go on with', async () => {
    const key = `${prefix}:trace:store:{job%3A${jobId}}`
    const reason = { code: 'CHUNK_MISSING' }
    await fixture.admin.hset(keys().meta, 'state', 'failed')
    const text = zlibCodec.encode(utf8.encode('{"profile":"nobody"}'))
    await fixture.admin.hset(key, '0', packChunk(text))
    const retry = await post(`job/${jobId}/retry`, {})
    expect(await retry.json()).toMatchObject({ error: reason })
    await fixture.admin.hset(key, 'count', 'many')
    expect(await (await post(`job/${jobId}/retry`, {})).json()).toMatchObject({ error: reason })
  })

  it('are no lineage', async () => {
    const store = createRedisBatchStore({ redis: fixture.redis, prefix, budgetBytes: 0 })
    const lineage = {
      cids: [],
      seedIds: [],
      sections: new Map(),
      cidCount: 0,
      totalNodes: 0,
      totalAncestors: 0,
    }
    const facts = { lineageId: 'trace-lin-1', owner: '', direction: 'backward', identity: 'x' } as const
    await storeLineage({ ...trace, store }, lineage, facts)
    const ask = () =>
      post('events', { profile: 'query_tool_reverse', lineage_id: 'trace-lin-1', domains: ['holds'] })
    expect((await ask()).status).toBe(200)
    const head = zlibCodec.encode(utf8.encode('{"lineageId":"trace-lin-1"}'))
    await fixture.admin.hset(`${prefix}:trace:store:{lineage%3Atrace-lin-1}`, '0', packChunk(head))
    expect(await codeOf(await ask())).toBe('LINEAGE_NOT_FOUND')
  })

  it.each(['\ud800', 'trace-lin-0', 'a:b', '../x'])(
    'are no Redis that cannot be reached where a lineage has a name that cannot be: %j',
    async (lineage_id) => {
      const answer = await post('events', { profile: 'query_tool', lineage_id, domains: ['holds'] })
      expect(answer.status).toBe(404)
      expect(await codeOf(answer)).toBe('LINEAGE_NOT_FOUND')
    },
  )

  it('are no job that answers a question', async () => {
    const request = { profile: 'query_tool', container_ids: IDS, domains: ['history'] }
    const [key] = await fixture.admin.keys(`${prefix}:trace:question:*`)
    await fixture.admin.set(key!, 'a b*c')
    const answer = await (await post('events-async', request)).json()
    expect(answer).not.toHaveProperty('joined')
    expect(await fixture.admin.get(key!)).toBe(answer.job_id)
  })

  it('are no sample: one line that is none would cost Prometheus all of them', async () => {
    const { redis } = fixture
    await fixture.admin.hset(`${prefix}:trace:metrics`, {
      'trace_jobs_ended_total{state="completed"}': '3',
      'trace_jobs_ended_total{state="failed"}': 'many',
      'trace_jobs_ended_total\nevil': '1',
    })
    const text = await readSharedMeter({ redis, prefix })
    expect(text).toContain('trace_jobs_ended_total{state="completed"} 3\n')
    expect(text).not.toMatch(/many|evil/)
  })
})
