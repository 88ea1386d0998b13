import type { Page } from '@playwright/test'

type Line = Readonly<Record<string, unknown>>

/** The page gets each job's stream whole, and ending as `edit` says: endings that a healthy server does not have. */
export async function endStreams(page: Page, edit: (lines: Line[]) => Line[]): Promise<void> {
  await page.route(/\/stream\?follow=1/, async (route) => {
    const response = await route.fetch()
    const lines = (await response.text())
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Line)
    const body = edit(lines).map((line) => `${JSON.stringify(line)}\n`)
    await route.fulfill({ contentType: 'application/x-ndjson', body: body.join('') })
  })
}

/** The last domain declared failed where it would have ended. */
export function lastDomainFails(lines: Line[]): Line[] {
  const complete = lines.at(-1)!
  const counts = Object.entries(complete.domains as Record<string, number>)
  const [failed, lost] = counts.at(-1)!
  const warning = { type: 'warning', code: 'EVENTS_PARTIAL_FAILURE', failed_domains: [failed] }
  return [
    ...lines.slice(0, -1).map((line) => {
      if (line.type !== 'domain_end' || line.domain !== failed) return line
      return {
        type: 'domain_failed',
        seq: line.seq,
        domain: failed,
        code: 'EVENTS_PARTIAL_FAILURE',
        from_seq: lines.find(({ type, domain }) => type === 'domain_start' && domain === failed)!.seq,
      }
    }),
    warning,
    {
      ...complete,
      total_records: (complete.total_records as number) - lost,
      domains: Object.fromEntries(counts.slice(0, -1)),
    },
  ]
}

/** The worker dies once too often, in the middle. */
export function jobFails(lines: Line[]): Line[] {
  const message = 'its worker was lost three times'
  return [
    ...lines.slice(0, Math.ceil(lines.length / 2)),
    { type: 'error', code: 'WORKER_LOST', message, retryable: false },
  ]
}
