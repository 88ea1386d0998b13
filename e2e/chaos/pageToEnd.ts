import { createRowDigest, type Ending } from './Ending.js'
import { BrokenPromise, persist, refusal } from './followToEnd.js'

interface Page {
  results: Record<string, { data: unknown[]; count: number; total: number }>
  aggregation: unknown
}

/** Polls a job's status until it has ended, then reads its result page by page. */
export async function pageToEnd(
  base: string,
  statusUrl: string,
  domains: readonly string[],
  pageRows: number,
  deadlineMs: number,
): Promise<Ending> {
  const done = await persist(async () => {
    const response = await fetch(new URL(statusUrl, base), { signal: AbortSignal.timeout(15_000) })
    if (response.status !== 200) return refusal(response)
    const job = (await response.json()) as { status: string; error_code: string }
    if (job.status === 'completed') return { complete: true, digest: '', rows: 0 }
    const isOver = job.status === 'failed' || job.status === 'cancelled'
    // What became of the job may be tried again by a new one; this client has its answer.
    return isOver ? { complete: false, code: job.error_code, retryable: false } : null
  }, deadlineMs)
  if (!done.complete) return done

  const rows = createRowDigest()
  for (const domain of domains) {
    for (let offset = 0, total = Infinity; offset < total; offset += pageRows) {
      const read = await persist(async () => {
        const url = new URL(`${statusUrl}/result?domain=${domain}&offset=${offset}&limit=${pageRows}`, base)
        const response = await fetch(url, { signal: AbortSignal.timeout(15_000) })
        if (response.status !== 200) return refusal(response)
        const page = (await response.json()) as Page
        const { data, count, total: all } = page.results[domain]!
        const due = Math.min(pageRows, all - offset)
        if (count !== data.length || count !== due)
          throw new BrokenPromise(`a page of ${count} rows, not ${due}`)
        total = all
        rows.add(domain, data)
        rows.aggregate(page.aggregation)
        return { complete: true, digest: '', rows: 0 }
      }, deadlineMs)
      if (!read.complete) return read
    }
  }
  return { complete: true, digest: rows.finish(), rows: rows.rows() }
}
