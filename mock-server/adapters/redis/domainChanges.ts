import type { DomainSnapshot, NewLogEntry } from '../../ports/index.js'
import { DOMAIN_STATE_AFTER } from '../../ports/jobStates.js'

/** What a commit does to one domain; the commit script applies it. */
export interface DomainChange {
  name: string
  /** Whether its rows are counted anew. */
  isReset: boolean
  /** Rows more. */
  rows: number
  /** Left out: as before, and the code too. */
  state?: DomainSnapshot['state']
  /** Empty for none. */
  code: string
}

/** What entries do to the domains they are of. */
export function domainChanges(entries: readonly NewLogEntry[]): DomainChange[] {
  const changes = new Map<string, DomainChange>()
  for (const entry of entries) {
    const { domain: name } = entry
    const before: DomainChange = changes.get(name) ?? { name, isReset: false, rows: 0, code: '' }
    const change = { ...before, state: DOMAIN_STATE_AFTER[entry.type] ?? before.state }
    if (entry.type === 'records') change.rows += entry.count
    if (entry.type === 'domain_start') Object.assign(change, { isReset: true, rows: 0, code: '' })
    if (entry.type === 'domain_failed') Object.assign(change, { isReset: true, rows: 0, code: entry.code })
    changes.set(name, change)
  }
  return [...changes.values()]
}
