import type { NewLogEntry } from '../../ports/index.js'

/** What a commit does to one domain: its name, whether its rows begin anew, rows more, state, code. */
export type DomainChange = [domain: string, isReset: boolean, rows: number, state: string, code: string]

/** What entries do to the domains they are of. */
export function domainChanges(entries: readonly NewLogEntry[]): DomainChange[] {
  const changes = new Map<string, DomainChange>()
  for (const entry of entries) {
    const { domain } = entry
    const change = changes.get(domain) ?? [domain, false, 0, 'running', '']
    changes.set(domain, change)
    if (entry.type === 'records') change[2] += entry.count
    else if (entry.type === 'domain_end') change[3] = 'done'
    else if (entry.type === 'domain_start') changes.set(domain, [domain, true, 0, 'running', ''])
    else changes.set(domain, [domain, true, 0, 'failed', entry.code])
  }
  return [...changes.values()]
}
