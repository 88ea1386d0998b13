import { TraceError } from '../../../src/errors.js'
import type {
  Commit,
  JobList,
  JobSnapshot,
  LogEntry,
  NewLogEntry,
  ResultLog,
  StoredChunk,
} from '../../ports/index.js'
import { checkPart, jsonOf } from '../../ports/checkStored.js'
import { DOMAIN_BEGINNING, JOB_FORMAT, STAGES_BEGINNING } from '../../ports/ResultLog.js'
import { StoredEntry } from '../../ports/storedSchemas.js'
import type { RedisClient } from './connectRedis.js'
import { createChangeFeed } from './createChangeFeed.js'
import { createSharedAsk } from './createSharedAsk.js'
import { defineScript, type RedisScript } from './defineScript.js'
import { domainChanges } from './domainChanges.js'
import { isJobId, jobKeys } from './jobKeys.js'
import { packChunk, unpackChunk } from './packedChunk.js'
import { Digits, readJobMeta, unknownFormat } from './readJobMeta.js'
import { storeFull, toStoreError, withStore } from './toStoreError.js'

export interface RedisResultLogOptions {
  /** For commands; fails while Redis is away. */
  redis: RedisClient
  /** For subscriptions; the log subscribes, its owner closes. */
  subscriber: RedisClient
  /** What all keys begin with. */
  prefix: string
  /** How long a job is kept once it has ended. */
  ttlSeconds: number
  /** How long a job is kept that shows no sign of life: its timeout and `ttlSeconds`. */
  unfinishedTtlSeconds: number
  /** The most memory Redis may use, in bytes; 0: all but a little of Redis's own `maxmemory`. */
  budgetBytes: number
  /** How often waiting readers look without having been told of a change; default 1 s. */
  pollEveryMs?: number
}

/** The `meta` line, which every log begins with and no store keeps. */
const META_SEQ = 1

/** Made once: it takes longer to make than to use. */
const ENTRY = jsonOf(StoredEntry)

/** What a script is given, and what is thrown when the store has no room. */
interface ScriptArguments extends Record<string, unknown> {
  bytes?: readonly (number | Uint8Array)[]
  whenFull?: () => TraceError
}

type Version = [state: string | null, head: string | null, epoch: string | null]

/**
 * Logs in Redis. A job's keys share one hash tag and one deadline, and every change is one script: either all
 * of it happened or nothing. Chunks are fields of one hash, so that a job's rows have one time to live.
 */
export function createRedisResultLog(options: RedisResultLogOptions): ResultLog & { close: () => void } {
  const { redis, subscriber, prefix, ttlSeconds, unfinishedTtlSeconds, budgetBytes } = options
  const channel = `${prefix}:trace:changed`
  const ttlMs = ttlSeconds * 1000
  const unfinishedTtlMs = unfinishedTtlSeconds * 1000

  const scripts = {
    create: defineScript(redis, 'create'),
    open: defineScript(redis, 'open'),
    commit: defineScript(redis, 'commit'),
    finish: defineScript(redis, 'finish'),
    join: defineScript(redis, 'join'),
    leave: defineScript(redis, 'leave'),
    reopen: defineScript(redis, 'reopen'),
    entries: defineScript(redis, 'entries'),
  }

  const feed = createChangeFeed(
    (jobId) => redis.hmget(keysOf(jobId).meta, 'state', 'head', 'epoch') as Promise<Version>,
    options.pollEveryMs,
  )
  const onMessage = (from: string, jobId: string) => {
    if (from === channel) feed.notify(jobId)
  }
  subscriber.on('message', onMessage)
  // Without the subscription readers still look every second.
  subscriber.subscribe(channel).catch(() => {})

  // Hundreds follow one job: a commit wakes them all, and all of them ask the same two things.
  const askSnapshot = createSharedAsk<JobSnapshot | 'expired' | null>()
  const askEntries = createSharedAsk<LogEntry[]>()

  function keysOf(jobId: string) {
    if (!isJobId(jobId)) throw notFound(jobId)
    return jobKeys(prefix, jobId)
  }

  /** Runs a step, and gives what it answers after its first word. */
  async function run(
    script: RedisScript,
    jobId: string,
    { whenFull = storeFull, bytes, ...args }: ScriptArguments,
  ): Promise<unknown[]> {
    const keys = Object.values(keysOf(jobId))
    const answer = script(keys, { ...args, jobId, channel, format: JOB_FORMAT }, bytes).catch(
      (cause: Error) => {
        throw cause.message?.startsWith('OOM') ? whenFull() : toStoreError(cause)
      },
    )
    const [word, ...answers] = (await answer) as [string, ...unknown[]]
    if (word === 'OK') return answers
    if (word === 'FULL') throw whenFull()
    throw refusal(word, jobId, answers)
  }

  async function readSnapshot(jobId: string): Promise<JobSnapshot | 'expired' | null> {
    if (!isJobId(jobId)) return null
    const { meta } = keysOf(jobId)
    const fields = await withStore(() => redis.hgetall(meta))
    if (Object.keys(fields).length > 0) return readJobMeta(jobId, fields)
    return (await hasExpired(jobId)) ? 'expired' : null
  }

  async function hasExpired(jobId: string): Promise<boolean> {
    return (await withStore(() => redis.exists(keysOf(jobId).tombstone))) === 1
  }

  /** `null`: it is not there, or it is no chunk. */
  async function readChunk(jobId: string, field: string): Promise<StoredChunk | null> {
    const packed = await withStore(() => redis.hgetBuffer(keysOf(jobId).chunks, field)).catch(
      (cause: Error) => {
        if (cause.message.startsWith('WRONGTYPE')) return null
        throw cause
      },
    )
    return packed && unpackChunk(packed)
  }

  /** Why something of a job is not there. */
  async function whyGone(
    jobId: string,
    state: string | null,
    whenPresent: () => TraceError,
  ): Promise<TraceError> {
    if (state === 'cancelled')
      return new TraceError('JOB_CANCELLED', 'The job was cancelled, and its rows are gone')
    if (state !== null) return whenPresent()
    return (await hasExpired(jobId)) ? expired() : notFound(jobId)
  }

  async function readEntries(jobId: string, afterSeq: number, limit: number): Promise<LogEntry[]> {
    const answer = await run(scripts.entries, jobId, { afterSeq, limit })
    const [due, texts] = answer as [number, string[]]
    if (texts.length < due) throw chunkMissing(jobId, afterSeq + texts.length + 1)
    const first = Math.max(afterSeq, META_SEQ) + 1
    return texts.map((text, index) => {
      const seq = first + index
      const entry = checkPart(ENTRY, text, `Line ${seq} of job ${jobId}`)
      if (entry.seq !== seq) throw chunkMissing(jobId, seq)
      return entry
    })
  }

  return {
    async create(job) {
      await run(scripts.create, job.jobId, {
        job: JSON.stringify(job),
        domains: job.domains,
        epoch: crypto.randomUUID(),
        checkpoint: JSON.stringify(DOMAIN_BEGINNING),
        stages: JSON.stringify(STAGES_BEGINNING),
        ttlMs: unfinishedTtlMs,
        budgetBytes,
      })
    },

    snapshot: (jobId) => askSnapshot(jobId, () => readSnapshot(jobId)),

    async open(jobId) {
      const [flat] = (await run(scripts.open, jobId, {
        epoch: crypto.randomUUID(),
        checkpoint: JSON.stringify(DOMAIN_BEGINNING),
        stages: JSON.stringify(STAGES_BEGINNING),
        ttlMs: unfinishedTtlMs,
      })) as [string[]]
      const fields: Record<string, string> = {}
      for (let i = 0; i < flat.length; i += 2) fields[flat[i]!] = flat[i + 1]!
      const snapshot = readJobMeta(jobId, fields)
      return { lease: snapshot.attempt, snapshot }
    },

    async commit(jobId, lease, commit) {
      const { entries, lists } = commit
      const gap = entries.findIndex(({ seq }, index) => seq !== entries[0]!.seq + index)
      if (gap !== -1) throw sequenceGap(entries[0]!.seq + gap, entries[gap]!.seq)
      const lines = entries.filter((entry) => 'chunk' in entry)
      const packed = [...lines, ...lists].map(({ chunk }) => packChunk(chunk))
      await run(scripts.commit, jobId, {
        lease,
        firstSeq: entries[0]?.seq ?? 0,
        entries: entries.map(entryText),
        domains: domainChanges(entries),
        fields: metaFields(commit),
        lists: lists.map(({ list }) => list),
        textBytes: lines.reduce((sum, { textBytes }) => sum + textBytes, 0),
        storedBytes: packed.reduce((sum, { length }) => sum + length, 0),
        ttlMs: unfinishedTtlMs,
        budgetBytes,
        bytes: packed.flatMap((bytes, index) =>
          index < lines.length ? [lines[index]!.seq, bytes] : [bytes],
        ),
        whenFull: () => tooLarge(budgetBytes),
      })
    },

    async finish(jobId, lease, outcome) {
      const aggregation = outcome.state === 'completed' && outcome.aggregation
      await run(scripts.finish, jobId, {
        lease: lease ?? undefined,
        state: outcome.state,
        error: outcome.state === 'completed' ? '' : JSON.stringify(outcome.error),
        ttlMs,
        budgetBytes,
        bytes: aggregation ? [packChunk(aggregation)] : [],
        whenFull: () => tooLarge(budgetBytes),
      })
    },

    async join(jobId, ticket) {
      const [canJoin] = await run(scripts.join, jobId, { ticket })
      return canJoin === 1
    },

    async leave(jobId, ticket) {
      const error = { code: 'JOB_CANCELLED', message: 'The job was cancelled before it began' }
      const args = { ticket: ticket ?? undefined, error: JSON.stringify(error), ttlMs }
      const [answer] = await run(scripts.leave, jobId, args)
      return answer as 'wanted' | 'cancelled' | 'ended'
    },

    async reopen(jobId, ticket) {
      const checkpoint = JSON.stringify(DOMAIN_BEGINNING)
      const [goesOn] = await run(scripts.reopen, jobId, { ticket, checkpoint, ttlMs: unfinishedTtlMs })
      return goesOn === 1
    },

    entries: (jobId, afterSeq, limit) =>
      askEntries(`${jobId} ${afterSeq} ${limit}`, () => readEntries(jobId, afterSeq, limit)),

    async chunk(jobId, seq) {
      if (!isJobId(jobId)) throw chunkMissing(jobId, seq)
      const chunk = await readChunk(jobId, String(seq))
      if (chunk) return chunk
      const state = await withStore(() => redis.hget(keysOf(jobId).meta, 'state'))
      throw await whyGone(jobId, state, () => chunkMissing(jobId, seq))
    },

    async *list(jobId, list) {
      const { meta } = keysOf(jobId)
      const [state, stored] = await withStore(() => redis.hmget(meta, 'state', `list:${list}`))
      if (state === null) throw await whyGone(jobId, null, () => listDamaged(jobId, list))
      const count = checkPart(Digits, stored ?? '0', `The list ${list} of job ${jobId}`)
      for (let n = 0; n < count; n++) {
        const chunk = await readChunk(jobId, `list:${list}:${n}`)
        if (chunk) {
          yield chunk
          continue
        }
        const now = await withStore(() => redis.hget(meta, 'state'))
        throw await whyGone(jobId, now, () => listDamaged(jobId, list))
      }
    },

    async aggregation(jobId) {
      const chunk = await readChunk(jobId, 'aggregation')
      if (chunk) return chunk
      const [state, hasOne] = await withStore(() =>
        redis.hmget(keysOf(jobId).meta, 'state', 'hasAggregation'),
      )
      if (hasOne === '0') return null
      throw await whyGone(
        jobId,
        state!,
        () => new TraceError('CHUNK_MISSING', `The aggregation of job ${jobId} is no longer here`),
      )
    },

    async changed(jobId, seen, signal) {
      if (!isJobId(jobId)) return
      const isSame = ([state, head, epoch]: Version) =>
        state === seen.state && Number(head) === seen.head && epoch === seen.epoch
      await feed.changed(jobId, isSame, signal)
    },

    async delete(jobId) {
      if (!isJobId(jobId)) return
      await withStore(async () => {
        await redis.unlink(...Object.values(keysOf(jobId)))
        await redis.publish(channel, jobId)
      })
    },

    close() {
      subscriber.off('message', onMessage)
      feed.close()
    },
  }
}

/** What a commit says in the job's meta, apart from what follows from its entries: names and values, by turns. */
function metaFields({ entries, checkpoints, stages, progress }: Commit): string[] {
  const began = entries.filter(({ type }) => type === 'domain_start')
  const moved = new Map([...began.map(({ domain }) => [domain, DOMAIN_BEGINNING] as const), ...checkpoints])
  const { phase, currentDomain, cidsDone, cidCount, seedsDone, seedsTotal } = progress
  const fields = {
    ...{ phase, currentDomain: currentDomain ?? '', cidsDone, cidCount, seedsDone, seedsTotal },
    stages: stages && JSON.stringify(stages),
    ...Object.fromEntries([...moved].map(([domain, at]) => [`checkpoint:${domain}`, JSON.stringify(at)])),
  }
  return Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [name, String(value)]))
}

/** An entry as the index keeps it; the stored line lies apart. */
function entryText(entry: NewLogEntry): string {
  if (!('chunk' in entry)) return JSON.stringify(entry)
  const { chunk: _, ...line } = entry
  return JSON.stringify(line)
}

function refusal(word: string, jobId: string, [detail]: unknown[]): TraceError {
  if (word === 'NOT_FOUND') return notFound(jobId)
  if (word === 'EXPIRED') return expired()
  if (word === 'ENDED') {
    return new TraceError('JOB_CANCELLED', `Job ${jobId} has ended; there is nothing to write`)
  }
  if (word === 'STALE') {
    return new TraceError('STALE_LEASE', `Another writer has taken over job ${jobId}, or it has ended`)
  }
  if (word === 'FORMAT') return unknownFormat(jobId, String(detail))
  if (word === 'GAP') return sequenceGap(Number(detail))
  // What was acknowledged may be lost: only a new attempt, from the checkpoint that is left, knows where to go on.
  return new TraceError('STORE_UNAVAILABLE', `Redis was restarted while job ${jobId} was written`)
}

function sequenceGap(expected: number, got?: number): TraceError {
  const message = `Entry ${expected} was to come${got === undefined ? '' : `, not ${got}`}`
  return new TraceError('SEQUENCE_GAP', message)
}

function notFound(jobId: string): TraceError {
  return new TraceError('JOB_NOT_FOUND', `There is no job ${jobId} (any more)`)
}

function expired(): TraceError {
  return new TraceError('JOB_RESULT_EXPIRED', 'The job and its rows have expired while they were read')
}

function chunkMissing(jobId: string, seq: number): TraceError {
  return new TraceError('CHUNK_MISSING', `Rows of job ${jobId} are no longer here (line ${seq})`)
}

function listDamaged(jobId: string, list: JobList): TraceError {
  return new TraceError('CHUNK_MISSING', `A part of the list ${list} of job ${jobId} is no longer here`)
}

function tooLarge(budgetBytes: number): TraceError {
  const limit = budgetBytes > 0 ? ` (${Math.floor(budgetBytes / 2 ** 20)} MB)` : ''
  return new TraceError(
    'RESULT_TOO_LARGE',
    `The result does not fit into the server's memory for results${limit}; ask for less`,
  )
}
