import type { JobSnapshot, LogEntry, ResultLog } from '../../ports/index.js'

const PAGE = 1_000

/** Everything after `afterSeq`, up to the log's present head. The index is small; the rows are not in it. */
export async function allEntries(
  log: Pick<ResultLog, 'entries'>,
  jobId: string,
  afterSeq: number,
): Promise<LogEntry[]> {
  const all: LogEntry[] = []
  for (let after = afterSeq; ;) {
    const page = await log.entries(jobId, after, PAGE)
    all.push(...page)
    if (page.length < PAGE) return all
    after = page.at(-1)!.seq
  }
}

export type RecordsEntry = Extract<LogEntry, { type: 'records' }>

/** The entries that still count: none that a later `domain_failed` takes back. */
export function validEntries(entries: readonly LogEntry[]): LogEntry[] {
  const failures = entries.filter((entry) => entry.type === 'domain_failed')
  return entries.filter(
    ({ seq, domain }) =>
      !failures.some((failure) => failure.domain === domain && failure.fromSeq <= seq && seq < failure.seq),
  )
}

/** Stands for entries from `fromSeq` on that count no more. */
export interface SkippedEntry {
  type: 'skipped'
  seq: number
  fromSeq: number
}
export type ToldEntry = LogEntry | SkippedEntry

/**
 * What a reader is told of `entries`, which follow without a gap: those that still count. A reader of a run counts every
 * number, since lines of several domains alternate: for those that count no more it is told which they were.
 */
export function toldEntries(entries: readonly LogEntry[], { kind }: Pick<JobSnapshot, 'kind'>): ToldEntry[] {
  const valid = validEntries(entries)
  if (kind !== 'run' || valid.length === entries.length) return valid
  const told: ToldEntry[] = []
  let next = entries[0]!.seq
  const skipTo = (seq: number) => {
    if (next < seq) told.push({ type: 'skipped', fromSeq: next, seq: seq - 1 })
    next = seq
  }
  for (const entry of valid) {
    skipTo(entry.seq)
    told.push(entry)
    next++
  }
  skipTo(entries.at(-1)!.seq + 1)
  return told
}

/** The failed domains, sorted. */
export function failedDomains({ domains }: JobSnapshot): string[] {
  return domains
    .filter(({ state }) => state === 'failed')
    .map(({ name }) => name)
    .sort()
}
