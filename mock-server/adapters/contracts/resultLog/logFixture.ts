import type {
  Commit,
  CommitProgress,
  DomainCheckpoint,
  JobDescriptor,
  JobList,
  NewLogEntry,
  ResultLog,
} from '../../../ports/index.js'
import { zlibCodec } from '../../zlib/zlibCodec.js'
import { identityCodec } from '../../memory/identityCodec.js'

export interface ResultLogHarness {
  /** Made with `LOG_TTL`. */
  log: ResultLog
  /** Lets time pass for the log. */
  advance: (ms: number) => Promise<void>
  now: () => number
  /** A log with room for about `bytes`; `null` where the adapter has no bound of its own. */
  bounded: ((bytes: number) => ResultLog) | null
}

export type MakeHarness = () => ResultLogHarness | Promise<ResultLogHarness>

/** What each part of the contract begins with. */
export function createLogFixture(makeHarness: MakeHarness) {
  return {
    makeHarness,
    /** A log with one job, and the lease of its writer. */
    async running(jobId = 'j', descriptor = job(jobId)) {
      const harness = await makeHarness()
      await harness.log.create(descriptor)
      const { lease } = await harness.log.open(jobId)
      return { ...harness, lease }
    },
  }
}

export type LogFixture = ReturnType<typeof createLogFixture>

export async function snapshotOf(log: ResultLog, jobId = 'j') {
  const snapshot = await log.snapshot(jobId)
  if (snapshot === null || snapshot === 'expired') throw new Error(`job is ${snapshot}`)
  return snapshot
}

export const utf8 = new TextEncoder()
export const FETCHING: CommitProgress = { phase: 'fetching', currentDomain: 'history', cidsDone: 0 }
export const NEVER = new AbortController().signal
export const gone = { code: 'WORKER_LOST', message: 'lost' } as const

export function job(jobId: string): JobDescriptor {
  return {
    jobId,
    owner: 'ann',
    kind: 'events',
    profile: 'query_tool',
    domains: ['history', 'holds'],
    cidCount: 20,
    createdAtMs: 1_000,
  }
}

/** A run: the job finds its seeds by itself. */
export function run(jobId: string): JobDescriptor {
  return { ...job(jobId), kind: 'run', domains: ['seeds', 'history', 'holds'], cidCount: null }
}

export function at(idsDone: number, placesDone: number[] = []): DomainCheckpoint {
  return { idsDone, placesDone }
}

export function commitOf(
  entries: NewLogEntry[],
  checkpoints: Record<string, DomainCheckpoint> = {},
  more: Partial<Commit> = {},
): Commit {
  return {
    entries,
    lists: [],
    checkpoints: new Map(Object.entries(checkpoints)),
    progress: FETCHING,
    ...more,
  }
}

/** A chunk of a list that says `text`. */
export function item(list: JobList, text: string): Commit['lists'][number] {
  return { list, chunk: identityCodec.encode(utf8.encode(text)) }
}

/** The texts of a list's chunks. */
export async function textsOf(log: ResultLog, list: JobList, jobId = 'j'): Promise<string[]> {
  const texts: string[] = []
  for await (const chunk of log.list(jobId, list)) {
    texts.push(new TextDecoder().decode(zlibCodec.decode(chunk)))
  }
  return texts
}

export async function checkpointsOf(log: ResultLog, jobId = 'j') {
  const { domains } = await snapshotOf(log, jobId)
  return Object.fromEntries(domains.map(({ name, checkpoint }) => [name, checkpoint]))
}

export function start(seq: number, domain = 'history'): NewLogEntry {
  return { seq, domain, type: 'domain_start' }
}

export function records(seq: number, batch: number, count: number, domain = 'history'): NewLogEntry {
  const text = utf8.encode(`{"seq":${seq}}\n`)
  const chunk = identityCodec.encode(text)
  return { seq, domain, type: 'records', batch, count, textBytes: text.length, chunk }
}
