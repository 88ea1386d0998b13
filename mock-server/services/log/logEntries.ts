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

/** The failed domains, sorted. */
export function failedDomains({ domains }: JobSnapshot): string[] {
  return domains
    .filter(({ state }) => state === 'failed')
    .map(({ name }) => name)
    .sort()
}
