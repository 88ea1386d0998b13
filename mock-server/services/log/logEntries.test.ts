import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { LogEntry } from '../../ports/index.js'
import { toldEntries, validEntries } from './logEntries.js'

const start = (seq: number, domain: string): LogEntry => ({ seq, domain, type: 'domain_start' })
const rows = (seq: number, domain: string): LogEntry => {
  return { seq, domain, type: 'records', batch: 0, count: 1, textBytes: 9 }
}
const failed = (seq: number, domain: string, fromSeq: number): LogEntry => {
  return { seq, domain, type: 'domain_failed', code: 'JOB_FAILED', fromSeq }
}

/** Two domains that alternate; `b` fails, and takes lines 3, 5 and 6 back. */
const LOG = [
  start(2, 'a'),
  start(3, 'b'),
  rows(4, 'a'),
  rows(5, 'b'),
  rows(6, 'b'),
  rows(7, 'a'),
  failed(8, 'b', 3),
]
const RUN = { kind: 'run' } as const

const shortly = (entries: ReturnType<typeof toldEntries>) =>
  entries.map((entry) => (entry.type === 'skipped' ? `${entry.fromSeq}-${entry.seq}` : entry.seq))

describe('what a reader of a run is told', () => {
  it('has a number for every line, also for those that a failed domain took back', () => {
    expect(shortly(toldEntries(LOG, RUN))).toEqual([2, '3-3', 4, '5-6', 7, 8])
  })

  it('takes back lines of the failed domain alone', () => {
    expect(validEntries(LOG).map(({ seq }) => seq)).toEqual([2, 4, 7, 8])
  })

  it('is right when the reader is inside of what was taken back', () => {
    expect(shortly(toldEntries(LOG.slice(4), RUN))).toEqual(['6-6', 7, 8])
  })

  it('is one stretch where two domains have failed side by side', () => {
    const log = [start(2, 'a'), start(3, 'b'), rows(4, 'b'), failed(5, 'b', 3), failed(6, 'a', 2)]
    expect(shortly(toldEntries(log, RUN))).toEqual(['2-4', 5, 6])
  })

  it('has what a domain says when it is fetched again', () => {
    expect(shortly(toldEntries([...LOG, start(9, 'b'), rows(10, 'b')], RUN)).slice(-2)).toEqual([9, 10])
  })

  it('is the same as ever in logs of other jobs', () => {
    expect(toldEntries(LOG, { kind: 'events' })).toEqual(validEntries(LOG))
  })

  it('leaves no number out, whatever failed and wherever it begins', () => {
    const domain = fc.constantFrom('a', 'b', 'c')
    const log = fc
      .array(fc.tuple(domain, fc.option(fc.nat(9), { freq: 3 })), { maxLength: 30 })
      .map((steps) =>
        steps.map(([name, back], i) =>
          back === null ? rows(i + 2, name) : failed(i + 2, name, Math.max(2, i + 2 - back)),
        ),
      )
    fc.assert(
      fc.property(log, fc.nat(30), (entries, from) => {
        let next = entries[from]?.seq ?? 0
        for (const entry of toldEntries(entries.slice(from), RUN)) {
          expect(entry.type === 'skipped' ? entry.fromSeq : entry.seq).toBe(next)
          next = entry.seq + 1
        }
        if (from < entries.length) expect(next).toBe(entries.at(-1)!.seq + 1)
      }),
    )
  })
})
