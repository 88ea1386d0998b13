import { describe, expect, it } from 'vitest'
import { isTraceError } from '../../errors.js'
import { streamEvent } from '../../protocol/index.js'
import { rowsToBatch } from '../../records/rowsToBatch.js'
import { createStreamJudge } from './createStreamJudge.js'
import * as wire from '../fixtures/wire.js'
import { LOG_START, type StreamPosition } from './StreamPosition.js'

type WireLine = Record<string, unknown>

const DOMAINS = ['history', 'materials']
const SHAPE = {
  domains: { history: [wire.rows('h', 3), wire.rows('i', 2)], materials: [wire.rows('m', 1)] },
}
const RUN_SHAPE = {
  domains: { seeds: [wire.rows('s', 2)], ...SHAPE.domains },
  unmatched: ['LOT-X', 'LOT-Y'],
}
const DEFECT_SHAPE = { ...SHAPE, aggregation: { kpi: {} }, profile: 'mid_section_defect' }

/** The verdict on one connection: rows by domain, the fault's code, and where the reader then is. */
function judge(
  lines: readonly WireLine[],
  {
    position = LOG_START,
    domains = DOMAINS,
    needsAggregation = false,
    held = {} as Record<string, number>,
  } = {},
) {
  const judged = createStreamJudge({ position, domains, needsAggregation })
  let rows = { ...held }
  let fault: string | null = null
  const deltas: string[] = []
  try {
    for (const [i, line] of lines.entries()) {
      const event = streamEvent(line, i + 1, rowsToBatch)!
      for (const delta of judged.accept(event)) {
        deltas.push(delta.type)
        if (delta.type === 'rows-dropped') rows = {}
        if (delta.type === 'domain-started') rows[delta.domain] = 0
        if (delta.type === 'domain-failed') delete rows[delta.domain]
        if (delta.type === 'rows') rows[delta.domain]! += delta.batch.length
      }
    }
    judged.end()
  } catch (error) {
    if (!isTraceError(error)) throw error
    fault = error.code
  }
  return { rows, fault, deltas, isComplete: judged.isComplete && !fault, position: judged.position }
}

function without(lines: readonly WireLine[], i: number) {
  return lines.toSpliced(i, 1)
}

function doubled(lines: readonly WireLine[], i: number) {
  return lines.toSpliced(i, 0, lines[i]!)
}

const LOGS = [
  ['numbered', wire.logLines({ ...SHAPE, epoch: 'e1' }), false],
  ['unnumbered', wire.logLines(SHAPE), false],
  ['numbered, with figures', wire.logLines({ ...DEFECT_SHAPE, epoch: 'e1' }), true],
  ['unnumbered, with figures', wire.logLines(DEFECT_SHAPE), true],
] as const

describe.each(LOGS)('a stream of a %s log', (_, lines, needsAggregation) => {
  it('is complete when it is whole', () => {
    expect(judge(lines, { needsAggregation })).toMatchObject({
      isComplete: true,
      rows: { history: 5, materials: 1 },
    })
  })

  it('is never complete with any one line removed', () => {
    for (const [i, line] of lines.entries()) {
      const { isComplete, fault } = judge(without(lines, i), { needsAggregation })
      expect(isComplete, `without ${line.type}, line ${i + 1}`).toBe(false)
      const codes = ['SEQUENCE_GAP', 'COUNT_MISMATCH', 'STREAM_TRUNCATED', 'DOMAIN_MISSING', 'MALFORMED_LINE']
      expect(codes).toContain(fault)
    }
  })

  it('is never complete with any one line doubled', () => {
    for (const [i, line] of lines.entries()) {
      const verdict = judge(doubled(lines, i), { needsAggregation })
      expect(verdict, `${line.type} twice, line ${i + 1}`).toMatchObject({
        isComplete: false,
        fault: 'SEQUENCE_GAP',
      })
    }
  })

  it('is never complete when it ends early', () => {
    for (let end = 0; end < lines.length; end++) {
      expect(judge(lines.slice(0, end), { needsAggregation })).toMatchObject({
        isComplete: false,
        fault: 'STREAM_TRUNCATED',
      })
    }
  })

  it('is never complete with two neighbouring lines swapped', () => {
    for (let i = 0; i + 1 < lines.length; i++) {
      const swapped = lines.toSpliced(i, 2, lines[i + 1]!, lines[i]!)
      expect(judge(swapped, { needsAggregation }).isComplete, `${lines[i]!.type}, line ${i + 1}`).toBe(false)
    }
  })
})

describe('createStreamJudge', () => {
  const numbered = wire.logLines({ ...SHAPE, epoch: 'e1' })
  const unnumbered = wire.logLines(SHAPE)

  it.each([
    ['SEQUENCE_GAP', 'a batch is missing', (l: WireLine[]) => without(l, 2)],
    ['COUNT_MISMATCH', 'the last batch of a domain is missing', (l: WireLine[]) => without(l, 3)],
    ['SEQUENCE_GAP', 'a domain has no start', (l: WireLine[]) => without(l, 1)],
    ['SEQUENCE_GAP', 'a domain has no end', (l: WireLine[]) => without(l, 4)],
    ['DOMAIN_MISSING', 'a whole domain is missing', (l: WireLine[]) => l.toSpliced(5, 3, ...[])],
    ['STREAM_TRUNCATED', 'the complete line is missing', (l: WireLine[]) => l.slice(0, -1)],
    [
      'COUNT_MISMATCH',
      "the domain's end counts other rows",
      (l: WireLine[]) => l.with(4, { ...l[4], count: 4 }),
    ],
    [
      'COUNT_MISMATCH',
      'the domain is shorter than its start said',
      (l: WireLine[]) => l.with(1, { ...l[1], total: 9 }),
    ],
    ['COUNT_MISMATCH', 'the total differs', (l: WireLine[]) => l.with(-1, { ...l.at(-1), total_records: 7 })],
    [
      'COUNT_MISMATCH',
      'the count of one domain differs',
      (l: WireLine[]) => l.with(-1, { ...l.at(-1), domains: { history: 4, materials: 1 } }),
    ],
  ])('says %s when %s', (code, _, damage) => {
    expect(judge(damage(unnumbered))).toMatchObject({ isComplete: false, fault: code })
  })

  it("fails with an error line's own code, and as retryable as it says", () => {
    const error = { type: 'error', code: 'CHUNK_MISSING', message: 'a chunk is gone', retryable: false }
    expect(judge([...unnumbered.slice(0, 3), error])).toMatchObject({ fault: 'CHUNK_MISSING' })
    expect(judge([{ type: 'error', message: 'out of luck' }])).toMatchObject({ fault: 'JOB_FAILED' })
    const original = [
      ['Redis unavailable', 'STORE_UNAVAILABLE'],
      ['result not found', 'JOB_RESULT_EXPIRED'],
    ]
    for (const [message, fault] of original) {
      expect(judge([{ type: 'error', message }])).toMatchObject({ fault })
      // A code that is there is the server's word.
      expect(judge([{ type: 'error', code: 'JOB_TIMEOUT', message }])).toMatchObject({ fault: 'JOB_TIMEOUT' })
    }
  })

  it('skips a replay of what is held, and takes only what is new', () => {
    for (const lines of [numbered, unnumbered]) {
      for (let cut = 0; cut < lines.length; cut++) {
        const first = judge(lines.slice(0, cut))
        const second = judge(lines, { position: first.position, held: first.rows })
        expect(second, `cut after line ${cut}`).toMatchObject({
          isComplete: true,
          rows: { history: 5, materials: 1 },
        })
        expect(second.deltas).not.toContain('rows-dropped')
      }
    }
  })

  it('goes on after a position, without the lines before it', () => {
    const { position } = judge(numbered.slice(0, 3))
    expect(judge(numbered.slice(3), { position })).toMatchObject({ isComplete: true })
    expect(judge(numbered.slice(4), { position })).toMatchObject({ isComplete: false, fault: 'SEQUENCE_GAP' })
  })

  it('drops everything on a reset, and proves the new log from its start', () => {
    const { position } = judge(numbered.slice(0, 4))
    const anew = wire.logLines({ ...SHAPE, epoch: 'e2' })
    const verdict = judge([{ type: 'reset', epoch: 'e2' }, ...anew], { position })
    expect(verdict).toMatchObject({ isComplete: true, rows: { history: 5, materials: 1 } })
    expect(verdict.deltas[0]).toBe('rows-dropped')
    expect(verdict.position.epoch).toBe('e2')
  })

  it('takes a meta line of another epoch for a reset that was not sent', () => {
    const { position } = judge(numbered.slice(0, 4))
    const verdict = judge(wire.logLines({ ...SHAPE, epoch: 'e2' }), { position })
    expect(verdict).toMatchObject({ isComplete: true, rows: { history: 5, materials: 1 } })
    expect(verdict.deltas[0]).toBe('rows-dropped')
  })

  it('does not drop what it holds when a reset that was not sent is itself broken', () => {
    const { position } = judge(numbered.slice(0, 4))
    const broken = { ...wire.logLines({ ...SHAPE, epoch: 'e2' })[0], seq: 3 }
    expect(judge([broken], { position })).toMatchObject({ fault: 'SEQUENCE_GAP', position })
  })

  describe('domain_failed', () => {
    const meta = numbered[0]!
    const failed = { type: 'domain_failed', seq: 9, domain: 'history', code: 'JOB_TIMEOUT', from_seq: 2 }
    const rest = [
      { type: 'domain_start', seq: 10, domain: 'materials', total: null },
      { type: 'domain_end', seq: 11, domain: 'materials', count: 0 },
      { type: 'warning', code: 'EVENTS_PARTIAL_FAILURE', failed_domains: ['history'] },
      { type: 'complete', total_records: 0, domains: { materials: 0 } },
    ]

    it('stands for every line from from_seq to its own', () => {
      expect(judge([meta, failed, ...rest])).toMatchObject({ isComplete: true, rows: { materials: 0 } })
    })

    it('drops the rows of the domain', () => {
      const { position, rows } = judge(numbered.slice(0, 3))
      expect(rows.history).toBe(3)
      expect(judge([failed, ...rest], { position })).toMatchObject({
        isComplete: true,
        rows: { materials: 0 },
      })
    })

    it('covers nothing before from_seq', () => {
      const verdict = judge([meta, { ...failed, from_seq: 3 }, ...rest])
      expect(verdict).toMatchObject({ isComplete: false, fault: 'SEQUENCE_GAP' })
    })

    it('lets a retry begin the domain anew', () => {
      const { position } = judge([meta, failed, ...rest])
      const again = [
        { type: 'domain_start', seq: 12, domain: 'history', total: null },
        { type: 'records', seq: 13, domain: 'history', batch: 0, count: 2, data: wire.rows('h', 2) },
        { type: 'domain_end', seq: 14, domain: 'history', count: 2 },
        { type: 'complete', total_records: 2 },
      ]
      const verdict = judge(again, { position })
      expect(verdict).toMatchObject({ isComplete: true, rows: { history: 2 } })
      expect([...verdict.position.domains.values()].every(({ state }) => state === 'ended')).toBe(true)
    })
  })

  it('marks domains of a warning as failed, where no line of their own said so', () => {
    const lines = wire.logLines({ domains: { history: [wire.rows('h', 1)] }, failed: ['materials'] })
    const { position, isComplete } = judge(lines)
    expect(isComplete).toBe(true)
    expect(position.domains.get('materials')?.state).toBe('failed')
  })

  it('asks for no figures of a defect trace that is partial', () => {
    const lines = wire.logLines({ domains: { history: [] }, failed: ['materials'] })
    expect(judge(lines, { needsAggregation: true }).isComplete).toBe(true)
  })

  it('takes names such as __proto__ for what they are: names', () => {
    const domains = Object.fromEntries([['__proto__', [wire.rows('p', 2)]]])
    const lines = wire.logLines({ domains, epoch: 'e1' })
    expect(judge(lines, { domains: ['__proto__'] })).toMatchObject({ isComplete: true })
  })

  it('refuses a log whose lines are numbered only here and there', () => {
    expect(judge(numbered.with(2, { ...numbered[2], seq: undefined }))).toMatchObject({
      fault: 'MALFORMED_LINE',
    })
    expect(judge(unnumbered.with(2, { ...unnumbered[2], seq: 3 }))).toMatchObject({ fault: 'MALFORMED_LINE' })
  })

  it('gives positions that do not change when it goes on', () => {
    const held = createStreamJudge({ position: LOG_START, domains: DOMAINS, needsAggregation: false })
    const before: StreamPosition[] = []
    for (const [i, line] of numbered.slice(0, 4).entries()) {
      before.push(held.position)
      held.accept(streamEvent(line, i + 1, rowsToBatch)!)
    }
    expect(before.map(({ seq }) => seq)).toEqual([0, 1, 2, 3])
    expect(before[3]!.domains.get('history')!.rows).toBe(3)
    expect(held.position.domains.get('history')!.rows).toBe(5)
  })
})

describe('an interleaved log', () => {
  const lines = wire.runLines({ ...RUN_SHAPE, epoch: 'e1' })
  const domains = Object.keys(RUN_SHAPE.domains)
  const whole = { seeds: 2, history: 5, materials: 1 }

  it('is complete when each of its domains is whole', () => {
    const verdict = judge(lines, { domains })
    expect(verdict).toMatchObject({ isComplete: true, rows: whole })
    expect(verdict.deltas).toContain('unmatched')
  })

  it('alternates between its domains', () => {
    const order = lines.filter(({ type }) => type === 'records').map(({ domain }) => domain)
    expect(order).toEqual(['seeds', 'history', 'materials', 'history'])
  })

  it('is never complete with any one line removed, doubled or out of its place', () => {
    for (const [i, line] of lines.entries()) {
      const where = `${line.type}, line ${i + 1}`
      expect(judge(without(lines, i), { domains }).isComplete, `without ${where}`).toBe(false)
      expect(judge(doubled(lines, i), { domains }).isComplete, `twice ${where}`).toBe(false)
      if (i + 1 === lines.length) continue
      const swapped = lines.toSpliced(i, 2, lines[i + 1]!, line)
      expect(judge(swapped, { domains }).isComplete, `swapped ${where}`).toBe(false)
    }
  })

  it('is proven by its grammar where its lines have no number', () => {
    const unnumbered = lines.map(({ seq: _, ...line }) => line)
    expect(judge(unnumbered, { domains })).toMatchObject({ isComplete: true, rows: whole })
    for (const [i, line] of unnumbered.entries()) {
      if (line.type === 'unmatched') continue
      expect(judge(without(unnumbered, i), { domains }).isComplete, `without line ${i + 1}`).toBe(false)
      expect(judge(doubled(unnumbered, i), { domains }).isComplete, `line ${i + 1} twice`).toBe(false)
    }
  })

  it('goes on after any of its lines', () => {
    for (let cut = 0; cut < lines.length - 1; cut++) {
      const first = judge(lines.slice(0, cut), { domains })
      const second = judge(lines.slice(cut), { domains, position: first.position, held: first.rows })
      expect(second, `cut after line ${cut}`).toMatchObject({ isComplete: true, rows: whole })
    }
  })

  it('is refused where its meta line does not say that it is interleaved', () => {
    const { interleaved: _, ...meta } = lines[0]!
    expect(judge([meta, ...lines.slice(1)], { domains })).toMatchObject({
      isComplete: false,
      fault: 'SEQUENCE_GAP',
    })
  })

  it('is not complete while one of its domains has no end', () => {
    const end = lines.findIndex(({ type, domain }) => type === 'domain_end' && domain === 'history')
    const cut = lines.slice(0, end)
    expect(judge([...cut, lines.at(-1)!], { domains })).toMatchObject({
      isComplete: false,
      fault: 'SEQUENCE_GAP',
    })
  })

  it('keeps what it says was not found from saying more names than it counts', () => {
    const at = lines.findIndex(({ type }) => type === 'unmatched')
    const wrong = lines.with(at, { ...lines[at], count: 1 })
    expect(judge(wrong, { domains })).toMatchObject({ isComplete: false, fault: 'COUNT_MISMATCH' })
  })

  it('gives lines of unknown types their place', () => {
    const moved = lines
      .slice(4)
      .map((line) => ('seq' in line ? { ...line, seq: Number(line.seq) + 1 } : line))
    const withUnknown = [...lines.slice(0, 4), { type: 'weather', seq: 5 }, ...moved]
    expect(judge(withUnknown, { domains })).toMatchObject({ isComplete: true, rows: whole })
    expect(judge(without(withUnknown, 4), { domains })).toMatchObject({ fault: 'SEQUENCE_GAP' })
  })

  describe('with a failed domain', () => {
    const row = (domain: string, seq: number, batch: number, count = 1) => ({
      ...{ type: 'records', seq, domain, batch, count, data: wire.rows(domain, count) },
    })
    const start = (domain: string, seq: number) => ({ type: 'domain_start', seq, domain, total: null })
    const end = (domain: string, seq: number, count: number) => ({ type: 'domain_end', seq, domain, count })
    const meta: WireLine = { ...lines[0]!, domains: ['history', 'materials'] }
    const asked = { domains: ['history', 'materials'] }
    const failed = { type: 'domain_failed', seq: 8, domain: 'history', code: 'JOB_TIMEOUT', from_seq: 2 }
    const first: WireLine[] = [
      meta,
      start('history', 2),
      start('materials', 3),
      row('history', 4, 0),
      row('materials', 5, 0),
      row('history', 6, 1),
      row('history', 7, 2),
      failed,
    ]
    const rest = [
      row('materials', 9, 1),
      end('materials', 10, 2),
      { type: 'warning', code: 'EVENTS_PARTIAL_FAILURE', failed_domains: ['history'] },
      { type: 'complete', total_records: 2, domains: { materials: 2 } },
    ]
    const skipped = (fromSeq: number, seq: number) => ({ type: 'skipped', from_seq: fromSeq, seq })
    const later: WireLine[] = [
      meta,
      skipped(2, 2),
      start('materials', 3),
      skipped(4, 4),
      row('materials', 5, 0),
      skipped(6, 7),
      failed,
      ...rest,
    ]

    it('takes back the rows of that domain alone', () => {
      const verdict = judge([...first, ...rest], asked)
      expect(verdict).toMatchObject({ isComplete: true, rows: { materials: 2 } })
      expect(verdict.position.domains.get('history')!.state).toBe('failed')
    })

    it('says to a later reader which lines are no longer there', () => {
      expect(judge(later, asked)).toMatchObject({ isComplete: true, rows: { materials: 2 } })
    })

    it('is whole for a reader that held any part of it when the domain failed', () => {
      for (let cut = 0; cut < first.length; cut++) {
        const before = judge(first.slice(0, cut), asked)
        const { seq } = before.position
        const left = later
          .filter((line) => !('seq' in line) || Number(line.seq) > seq)
          .map((line) => (line.type === 'skipped' ? { ...line, from_seq: Math.max(seq + 1, 2) } : line))
        const verdict = judge(left, { ...asked, position: before.position, held: before.rows })
        expect(verdict, `after line ${cut}`).toMatchObject({ isComplete: true, rows: { materials: 2 } })
      }
    })

    it('is not whole where lines of others are missing too', () => {
      const gaps = [
        ['the domain_failed line covers nothing', [meta, failed, ...rest]],
        ['a stretch is not declared', without(later, 3)],
        ['a stretch begins too late', later.with(5, skipped(7, 7))],
        ['a stretch takes rows of another domain with it', later.toSpliced(3, 3, skipped(4, 7))],
      ] as const
      for (const [what, damaged] of gaps) {
        expect(judge(damaged, asked), what).toMatchObject({ isComplete: false, fault: 'SEQUENCE_GAP' })
      }
    })

    it('is whole once a retry has begun that domain anew', () => {
      const again = [
        start('history', 11),
        row('history', 12, 0, 4),
        end('history', 13, 4),
        { type: 'complete', total_records: 6 },
      ]
      const held = judge([...first, ...rest], asked)
      const options = { ...asked, position: held.position, held: held.rows }
      expect(judge(again, options)).toMatchObject({ isComplete: true, rows: { history: 4, materials: 2 } })
      const anew = judge([...later.slice(0, -2), ...again], asked)
      expect(anew).toMatchObject({ isComplete: true, rows: { history: 4, materials: 2 } })
    })
  })

  it('needs no figures of a defect question that found no seed, or whose detections failed', () => {
    const empty = { seeds: [], detections: [], history: [] }
    const none = wire.runLines({ domains: empty, profile: 'mid_section_defect', epoch: 'e1' })
    const asked = { domains: Object.keys(empty), needsAggregation: true }
    expect(judge(none, asked)).toMatchObject({ isComplete: true })
    const some = { domains: { ...empty, seeds: [wire.rows('s', 1)] }, profile: 'mid_section_defect' }
    expect(judge(wire.runLines({ ...some, epoch: 'e1' }), asked)).toMatchObject({ fault: 'SEQUENCE_GAP' })
    const { detections: _, ...rest } = some.domains
    const partial = wire.runLines({ ...some, domains: rest, failed: ['detections'], epoch: 'e1' })
    expect(judge(partial, asked)).toMatchObject({ isComplete: true })
  })

  it('can be kept as JSON and gone on with', () => {
    const { position } = judge(lines.slice(0, 6), { domains })
    const text = JSON.stringify({ ...position, domains: [...position.domains] })
    const read = JSON.parse(text) as StreamPosition & { domains: [string, never][] }
    const again: StreamPosition = { ...read, domains: new Map(read.domains) }
    expect(judge(lines.slice(6), { domains, position: again })).toMatchObject({ isComplete: true })
  })
})
