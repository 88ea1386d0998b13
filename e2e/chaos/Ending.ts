import { createHash } from 'node:crypto'

/** How a client's wait for a result ended. */
export type Ending =
  /** `digest` stands for every row in its order, and the aggregation. */
  { complete: true; digest: string; rows: number } | { complete: false; code: string; retryable: boolean }

/** The rows of each domain as they come, and what they come to. */
export function createRowDigest() {
  let domains = new Map<string, { hash: ReturnType<typeof createHash>; rows: number; batches: number }>()
  let aggregation = ''

  function of(domain: string) {
    const known = domains.get(domain) ?? { hash: createHash('sha256'), rows: 0, batches: 0 }
    domains.set(domain, known)
    return known
  }

  return {
    add(domain: string, rows: readonly unknown[]) {
      const state = of(domain)
      for (const row of rows) state.hash.update(JSON.stringify(row))
      state.rows += rows.length
      state.batches += 1
    },
    rowsOf: (domain: string) => of(domain).rows,
    batchesOf: (domain: string) => of(domain).batches,
    rows: () => [...domains.values()].reduce((sum, { rows }) => sum + rows, 0),
    drop: (domain: string) => void domains.delete(domain),
    aggregate(value: unknown) {
      aggregation = JSON.stringify(value)
    },
    restart() {
      domains = new Map()
      aggregation = ''
    },
    finish(): string {
      const whole = createHash('sha256').update(aggregation)
      for (const [domain, { hash }] of [...domains].sort()) whole.update(domain + hash.copy().digest('hex'))
      return whole.digest('hex')
    },
  }
}

export type RowDigest = ReturnType<typeof createRowDigest>
