import { describe, expect, it, vi } from 'vitest'
import { mixHash } from './bytes.js'
import { createBatchReader } from './createBatchReader.js'
import { createTraceDecoder } from './createTraceDecoder.js'
import type { PackedColumns } from './PackedBatch.js'

type Row = Record<string, unknown>

const encoder = new TextEncoder()

function recordsLine(rows: Row[], domain = 'history'): string {
  return `${JSON.stringify({ type: 'records', domain, batch: 0, count: rows.length, data: rows })}\n`
}

/** As Python's `json.dumps` writes: blanks behind commas and colons. */
function spacedLine(rows: Row[]): string {
  const data = rows.map((row) => `{${Object.entries(row).map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`).join(', ')}}`) // prettier-ignore
  return `{"type": "records", "domain": "history", "batch": 0, "count": ${rows.length}, "data": [${data.join(', ')}]}\n`
}

function decode(...lines: string[]) {
  const decoder = createTraceDecoder(2 ** 26)
  const toBatch = createBatchReader()
  const decoded = lines.flatMap((line) => [...decoder.lines(encoder.encode(line))])
  const packed = decoded.filter((line) => line !== null).map((line) => line.rows as PackedColumns)
  const batches = packed.map(toBatch)
  return {
    pauses: decoded.filter((line) => line === null).length,
    kinds: packed.map((batch) => batch.columns.map(kindOf)),
    rows: batches.map((batch) => Array.from({ length: batch.length }, (_, i) => batch.at(i))),
  }
}

function kindOf(column: PackedColumns['columns'][number]): string {
  return 'cells' in column ? `${column.kind} ${column.cells.type}` : column.kind
}

function times(n: number, row: (i: number) => Row): Row[] {
  return Array.from({ length: n }, (_, i) => row(i))
}

const plain = times(300, (i) => ({
  CONTAINERID: `C${i >> 3}`,
  STATION: i % 2 ? '測試' : '品檢',
  QTY: i * 100,
  RATE: i / 8,
  OK: i % 3 === 0,
  NONE: null,
  NOTE: i % 5 ? null : 'x',
}))
const PLAIN_KINDS = ['dict u8', 'dict u8', 'num u16', 'num f32', 'bool u8', 'null', 'dict u8']

/** A blank before a comma is a surprise: the line takes the way through `JSON.parse`. */
function surprising(line: string): string {
  return line.replace(/},\{(?!.*},\{)/, '} ,{')
}

/** Texts of eight bytes with one hash: the second word undoes what the first did. */
function collidingTexts(count: number): string[] {
  const texts: string[] = []
  const bytes = new Uint8Array(8)
  const view = new DataView(bytes.buffer)
  for (let n = 0; texts.length < count; n++) {
    view.setUint32(
      0,
      parseInt(
        n
          .toString(32)
          .padStart(4, '0')
          .replace(/./g, (c) => c.charCodeAt(0).toString(16)),
        16,
      ),
    )
    view.setInt32(4, mixHash(0, view.getInt32(0, true)) ^ 0x41414141, true)
    if (bytes.every((byte) => byte > 0x22 && byte < 0x7f && byte !== 0x5c))
      texts.push(String.fromCharCode(...bytes))
  }
  return texts
}

describe('createTraceDecoder', () => {
  it('scans the lines of both servers and parses surprising ones into the same columns', () => {
    for (const line of [recordsLine(plain), spacedLine(plain), surprising(recordsLine(plain))]) {
      const { kinds, rows } = decode(line)
      expect(kinds).toEqual([PLAIN_KINDS])
      expect(rows).toEqual([plain])
    }
  })

  it('offers pauses inside a line', () => {
    const { pauses } = decode(recordsLine(times(2560, (i) => ({ i }))))
    expect(pauses).toBeGreaterThanOrEqual(10)
  })

  it('sends each text of a dictionary once, and reads old batches as before when it has grown', () => {
    const batch = (from: number) => times(250, (i) => ({ ID: `T${from + (i >> 1)}` }))
    const batches = [batch(0), batch(100), batch(200), batch(0)]
    const { kinds, rows } = decode(...batches.map((rows) => recordsLine(rows)))
    expect(kinds).toEqual([['dict u8'], ['dict u8'], ['dict u16'], ['dict u16']])
    expect(rows).toEqual(batches)
  })

  it('widens codes as far as a dictionary needs', () => {
    const wide = times(2 * 66_000, (i) => ({ ID: `T${i >> 1}` }))
    const { kinds, rows } = decode(recordsLine(wide), recordsLine(wide.slice(0, 3)))
    expect(kinds).toEqual([['dict u32'], ['dict u32']])
    expect(rows[0]).toEqual(wide)
    expect(rows[1]).toEqual(wide.slice(0, 3))
  })

  it('gives up the dictionary of a column whose values are mostly new, batch size aside', () => {
    const batch = (from: number, n: number) =>
      times(n, (i) => ({ TIME: `2026-01-01 00:00:${from + i}`, ID: '' }))
    const large = [batch(100, 70), batch(200, 70), batch(300, 70)]
    expect(decode(...large.map((rows) => recordsLine(rows))).kinds.map(([kind]) => kind)).toEqual(['dict u8', 'pool', 'pool']) // prettier-ignore
    const small = times(20, () => ({})).map((_, i) => batch(100 + 10 * i, 10))
    const { kinds, rows } = decode(...small.map((rows) => recordsLine(rows)))
    expect(kinds.at(-1)).toEqual(['pool', 'dict u8'])
    expect(rows).toEqual(small)
  })

  it('reads pooled texts with and without nulls, of one and of many widths', () => {
    const first = times(100, (i) => ({ A: `a${i}`, B: `b${100 + i}` }))
    const second = times(100, (i) => ({ A: i % 7 ? `測${'x'.repeat(i % 9)}` : null, B: `b${300 + i}` }))
    const third = [{ A: '', B: '' }, { B: 'x' }]
    const { kinds, rows } = decode(...[first, second, third].map((rows) => recordsLine(rows)))
    expect(kinds.slice(1)).toEqual([['pool', 'pool'], ['pool', 'pool']]) // prettier-ignore
    expect(rows).toEqual([first, second, third])
  })

  it('keeps mixed and nested values as they are', () => {
    const odd = [{ A: 1, B: 'x' }, { A: 'one', B: { deep: [null] } }, { A: null, B: 0 }, { B: '\ud800' }]
    const { kinds, rows } = decode(recordsLine(odd))
    expect(kinds).toEqual([['any', 'any']])
    expect(rows).toEqual([odd])
  })

  it('learns a new shape when the old one no longer fits', () => {
    const batches = [[{ A: 1 }], times(3, (i) => ({ A: i, B: 'x' })), times(3, (i) => ({ B: 'y', A: i }))]
    const { rows } = decode(recordsLine(batches[0]!), spacedLine(batches[1]!), spacedLine(batches[1]!), recordsLine(batches[2]!)) // prettier-ignore
    expect(rows).toEqual([batches[0], batches[1], batches[1], batches[2]])
  })

  it('keeps rows of very many columns as objects', () => {
    const sparse = times(50, (i) => ({ [`C${i}`]: i }))
    const { rows } = decode(recordsLine(plain))
    expect(rows).toEqual([plain])
    const decoder = createTraceDecoder(2 ** 26)
    for (const rows of [sparse, [Object.fromEntries(times(2000, () => ({})).map((_, i) => [`K${i}`, i]))]]) {
      const [line] = [...decoder.lines(encoder.encode(recordsLine(rows)))]
      expect(line!.rows).toEqual({ rows })
    }
  })

  it('looks at a bounded number of texts for each text, though all have one hash', () => {
    const texts = collidingTexts(3000)
    // Each once, then all again: a dictionary that pays.
    const lines = [texts, texts, texts].map((ids) =>
      recordsLine(ids.flatMap((ID) => [{ ID }, { ID }, { ID }])),
    )
    const compared = vi.spyOn(DataView.prototype, 'getFloat64')
    const { kinds, rows } = decode(...lines)
    const compares = compared.mock.calls.length
    vi.restoreAllMocks()
    expect(rows.map((batch) => batch.map(({ ID }) => ID))).toEqual(
      [texts, texts, texts].map((ids) => ids.flatMap((id) => [id, id, id])),
    )
    // Two reads for each of 128 texts at most, and a few for the row above; each with all others would be 18 million.
    expect(compares / texts.length).toBeLessThan(300)
    expect(kinds.map(([kind]) => kind)).toEqual(['dict u16', 'pool', 'pool'])
  })

  it('keeps ids beyond 2^53 apart, as a column of texts', () => {
    const ids = times(200, (i) => ({ ID: `90071992547409${String(91 + (i % 9)).padStart(2, '0')}` }))
    const unquoted = (line: string) => line.replace(/"(\d+)"/g, '$1')
    for (const change of [unquoted, (line: string) => surprising(unquoted(line))]) {
      const { kinds, rows } = decode(change(recordsLine(ids)))
      // The first of them is the greatest that a double holds exactly.
      expect(rows[0]!.map(({ ID }) => ID)).toEqual(
        ids.map(({ ID }) => (ID === '9007199254740991' ? Number(ID) : ID)),
      )
      expect(kinds).toEqual([['any']])
    }
    const beyond = ids.filter(({ ID }) => ID !== '9007199254740991')
    for (const change of [unquoted, (line: string) => surprising(unquoted(line))]) {
      const { kinds, rows } = decode(change(recordsLine(beyond)))
      expect(rows).toEqual([beyond])
      expect(kinds).toEqual([['dict u8']])
    }
  })

  it('learns nothing of a row that has more keys than a table has columns', () => {
    const keys = times(60_000, (i) => ({ i })).map((_, i) => `K${i}`)
    const row = Object.fromEntries(keys.map((key) => [key, 1]))
    const decoded = vi.spyOn(TextDecoder.prototype, 'decode')
    const [line] = [...createTraceDecoder(2 ** 26).lines(encoder.encode(recordsLine([row])))]
    // A name each up to the limit, the envelope and the line.
    expect(decoded.mock.calls.length).toBeLessThan(1100)
    vi.restoreAllMocks()
    expect(line!.rows).toEqual({ rows: [row] })
  })

  it('believes no count that its line cannot hold', () => {
    const decoder = createTraceDecoder(2 ** 26)
    const text = '{"type":"records","domain":"d","batch":0,"count":9000000000000000,"data":[{"A":1}]}'
    const [line] = [...decoder.lines(encoder.encode(`${text}\n`))]
    expect(line).toEqual({ lineNumber: 1, value: JSON.parse(text), rows: null })
  })

  it('takes as many domains as come', () => {
    const lines = times(200, (i) => ({ i })).map((row, i) => recordsLine([row], `d${i % 130}`))
    expect(decode(...lines).rows.map(([row]) => row!.i)).toEqual(times(200, () => ({})).map((_, i) => i))
  })
})
