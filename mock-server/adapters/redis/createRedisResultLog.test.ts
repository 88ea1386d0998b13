import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { Commit, CommitProgress, NewLogEntry, ResultLog } from '../../ports/index.js'
import { describeResultLog, LOG_TTL } from '../contracts/resultLog.contract.js'
import { identityCodec } from '../memory/identityCodec.js'
import { whenReady } from './connectRedis.js'
import { createRedisResultLog } from './createRedisResultLog.js'
import { jobKeys } from './jobKeys.js'
import { ageKeys, describeWithRedis, useTestRedis, type RedisFixture } from '../../testing/testRedis.js'

const FETCHING: CommitProgress = { phase: 'fetching', currentDomain: 'history', cidsDone: 0 }
const NEVER = new AbortController().signal
const utf8 = new TextEncoder()

const descriptor = (jobId: string) => ({
  jobId,
  owner: '',
  kind: 'events' as const,
  profile: 'query_tool',
  domains: ['history'],
  cidCount: 1,
  createdAtMs: 0,
})

function commitOf(idsDone: number, entries: NewLogEntry[]): Commit {
  const checkpoints = new Map([['history', { idsDone, placesDone: [] }]])
  return { entries, lists: [], checkpoints, progress: FETCHING }
}

const at = (idsDone: number) => [{ checkpoint: { idsDone, placesDone: [] } }]

function rows(seq: number, text = `{"seq":${seq}}\n`): NewLogEntry {
  const chunk = identityCodec.encode(utf8.encode(text))
  return {
    seq,
    domain: 'history',
    type: 'records',
    batch: seq - 3,
    count: 1,
    textBytes: chunk.textBytes,
    chunk,
  }
}

function makeLog(
  fixture: RedisFixture,
  { budgetBytes = 0, prefix = fixture.freshPrefix(), pollEveryMs = 1_000 } = {},
) {
  const { redis, subscriber } = fixture
  const log = createRedisResultLog({ redis, subscriber, prefix, budgetBytes, pollEveryMs, ...LOG_TTL })
  fixture.closeAfter(log.close)
  return { log, prefix }
}

/** A job with one row at checkpoint 1. */
async function begin(log: ResultLog) {
  await log.create(descriptor('j'))
  const { lease, snapshot } = await log.open('j')
  await log.commit('j', lease, commitOf(1, [{ seq: 2, domain: 'history', type: 'domain_start' }, rows(3)]))
  return { lease, epoch: snapshot.epoch }
}

async function usedBytes({ redis }: RedisFixture) {
  return Number(/used_memory:(\d+)/.exec(await redis.info('memory'))![1])
}

describeWithRedis('ResultLog on Redis', () => {
  const fixture = useTestRedis()

  describeResultLog('redis', async () => {
    const used = await usedBytes(fixture)
    return {
      log: makeLog(fixture).log,
      advance: (ms) => ageKeys(fixture.admin, ms),
      now: Date.now,
      bounded: (bytes) => makeLog(fixture, { budgetBytes: used + bytes }).log,
    }
  })

  it('gives all keys of a job one hash tag and one deadline, and its tombstone a day more', async () => {
    const { log, prefix } = makeLog(fixture)
    const { lease } = await begin(log)
    await log.join('j', 'ann')
    await log.finish('j', lease, { state: 'completed', aggregation: null })
    await log.join('j', 'bob')
    const due = jobKeys(prefix, 'j')
    const keys = await fixture.admin.keys(`${prefix}:*`)
    expect(keys.sort()).toEqual(Object.values(due).sort())
    expect(keys.every((key) => key.includes(':{j}:'))).toBe(true)
    const deadlineOf = (key: string) => fixture.admin.pexpiretime(key)
    const deadline = await deadlineOf(due.meta)
    for (const key of [due.index, due.chunks, due.tickets]) expect(await deadlineOf(key)).toBe(deadline)
    expect(await deadlineOf(due.tombstone)).toBe(deadline + 86_400_000)
    expect(await log.snapshot('j')).toMatchObject({ expiresAtMs: deadline })
  })

  it('says so when rows, entries or the aggregation are lost', async () => {
    const { log, prefix } = makeLog(fixture)
    const { lease } = await begin(log)
    const aggregation = identityCodec.encode(utf8.encode('{}\n'))
    await log.finish('j', lease, { state: 'completed', aggregation })
    const { index, chunks } = jobKeys(prefix, 'j')
    await fixture.admin.hdel(chunks, '3', 'aggregation')
    await fixture.admin.rpop(index)
    const missing = { code: 'CHUNK_MISSING' }
    await expect(log.chunk('j', 3)).rejects.toMatchObject(missing)
    await expect(log.entries('j', 1, 10)).rejects.toMatchObject(missing)
    await expect(log.aggregation('j')).rejects.toMatchObject(missing)
    expect(await log.entries('j', 1, 1)).toHaveLength(1)
  })

  it('frees the rows of a cancelled job, and tells readers on their way why', async () => {
    const { log, prefix } = makeLog(fixture)
    const { lease } = await begin(log)
    const error = { code: 'JOB_CANCELLED', message: 'gone' } as const
    await log.finish('j', lease, { state: 'cancelled', error })
    expect(await fixture.admin.exists(jobKeys(prefix, 'j').chunks)).toBe(0)
    expect(await log.entries('j', 1, 10)).toHaveLength(2)
    await expect(log.chunk('j', 3)).rejects.toMatchObject({ code: 'JOB_CANCELLED' })
  })

  it('keeps out ids that are none', async () => {
    const { log, prefix } = makeLog(fixture)
    for (const id of ['', 'a}:x', 'a b', 'ü', 'x'.repeat(129), 'a\r\nDEL b', '*']) {
      expect(await log.snapshot(id)).toBeNull()
      await expect(log.create(descriptor(id))).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' })
      await expect(log.chunk(id, 3)).rejects.toMatchObject({ code: 'CHUNK_MISSING' })
      await log.delete(id)
    }
    expect(await fixture.admin.keys(`${prefix}*`)).toEqual([])
  })

  it('sees a change within its poll when the message is lost', async () => {
    const { log, prefix } = makeLog(fixture, { pollEveryMs: 20 })
    await begin(log)
    const seen = await log.snapshot('j')
    if (seen === null || seen === 'expired') throw new Error('no job')
    const waiting = log.changed('j', seen, NEVER)
    await fixture.admin.hset(jobKeys(prefix, 'j').meta, 'head', 4)
    await waiting
  })

  it('never drives Redis into its own limit', async () => {
    const { log } = makeLog(fixture)
    const { lease } = await begin(log)
    await fixture.admin.config('SET', 'maxmemory', (await usedBytes(fixture)) + 4_000_000)
    fixture.closeAfter(() => fixture.admin.config('SET', 'maxmemory', 0))
    const large = 'x'.repeat(500_000)
    const fill = async () => {
      for (let seq = 4; seq < 20; seq++) await log.commit('j', lease, commitOf(seq, [rows(seq, large)]))
    }
    await expect(fill()).rejects.toMatchObject({ code: 'RESULT_TOO_LARGE' })
    expect(await fixture.admin.info('errorstats')).not.toContain('errorstat_OOM')
  })
})

describeWithRedis('ResultLog on a Redis that goes away', () => {
  const fixture = useTestRedis({ isPersistent: true, settings: ['--appendfsync', 'always'] })

  async function restart(whileDown = () => {}) {
    await fixture.server.stop('SIGKILL')
    whileDown()
    await fixture.server.start()
    await whenReady(fixture.redis, 10_000)
  }

  it('begins a new epoch at the checkpoint that survived when acknowledged lines are lost', async () => {
    const { log } = makeLog(fixture)
    const { lease, epoch } = await begin(log)
    const file = join(fixture.server.dir, 'appendonlydir')
    const kept = `${file}-kept`
    cpSync(file, kept, { recursive: true })
    await log.commit('j', lease, commitOf(2, [rows(4), rows(5)]))
    await restart(() => {
      rmSync(file, { recursive: true })
      cpSync(kept, file, { recursive: true })
    })

    expect(await log.snapshot('j')).toMatchObject({ head: 3, epoch, domains: at(1), rows: 1 })
    const lost = { code: 'STORE_UNAVAILABLE', retryable: true }
    await expect(log.commit('j', lease, commitOf(3, [rows(6)]))).rejects.toMatchObject(lost)
    const end = { state: 'completed', aggregation: null } as const
    await expect(log.finish('j', lease, end)).rejects.toMatchObject(lost)

    const next = await log.open('j')
    expect(next.snapshot).toMatchObject({ head: 3, domains: at(1), attempt: 2 })
    expect(next.snapshot.epoch).not.toBe(epoch)
    await log.commit('j', next.lease, commitOf(2, [rows(4)]))
    await log.finish('j', next.lease, end)
    const { snapshot } = await log.open('j').catch(() => ({ snapshot: null }))
    expect(snapshot).toBeNull()
    expect(await log.entries('j', 1, 10)).toHaveLength(3)
  })

  it('keeps the epoch when only the writer changed', async () => {
    const { log } = makeLog(fixture)
    const { epoch } = await begin(log)
    expect((await log.open('j')).snapshot.epoch).toBe(epoch)
  })

  it('fails at once while Redis is away, wakes those who wait, and goes on when it is back', async () => {
    const { log } = makeLog(fixture, { pollEveryMs: 20 })
    await begin(log)
    const seen = await log.snapshot('j')
    if (seen === null || seen === 'expired') throw new Error('no job')
    const waiting = log.changed('j', seen, NEVER)
    await fixture.server.stop('SIGKILL')
    await waiting
    const away = { code: 'STORE_UNAVAILABLE', retryAfterMs: 2_000 }
    await expect(log.snapshot('j')).rejects.toMatchObject(away)
    await expect(log.create(descriptor('k'))).rejects.toMatchObject(away)
    await fixture.server.start()
    await whenReady(fixture.redis, 10_000)
    expect(await log.snapshot('j')).toMatchObject({ head: 3 })
    expect(new TextDecoder().decode((await log.chunk('j', 3)).bytes)).toBe('{"seq":3}\n')
  })
})
