import fc from 'fast-check'
import { parquetReadObjects } from 'hyparquet'
import { describe, expect, it } from 'vitest'
import { zlibCodec } from '../../adapters/zlib/zlibCodec.js'
import type { Row } from '../../ports/index.js'
import { createTestTrace } from '../../testing/createTestTrace.js'
import { scriptedRows, scriptedSource } from '../../testing/scriptedSource.js'
import { csvHeader, csvLines } from './writeCsv.js'

const IDS = Array.from({ length: 17 }, (_, i) => `ID-${i}`)

async function setUp(source = scriptedSource()) {
  const trace = createTestTrace({ source, settings: { streamBatchSize: 10, idBatchSize: 5 } })
  const request = { profile: 'query_tool', container_ids: IDS, domains: ['history', 'holds'] }
  const { job_id: jobId } = await (await trace.post('events-async', request)).json()
  await trace.ended(jobId)
  return { ...trace, jobId, get: (query: string) => trace.call(`/api/trace/job/${jobId}/export${query}`) }
}

/** Fields of RFC 4180 text, line by line: a reader written apart from the writer. */
function parseCsv(text: string): string[][] {
  const lines: string[][] = []
  let line: string[] = []
  let field = ''
  let isQuoted = false
  for (let i = 0; i < text.length; i++) {
    const character = text[i]!
    if (isQuoted) {
      if (character !== '"') field += character
      else if (text[i + 1] === '"') field += text[++i]
      else isQuoted = false
    } else if (character === '"') isQuoted = true
    else if (character === ',') {
      line.push(field)
      field = ''
    } else if (character === '\r' && text[i + 1] === '\n') {
      lines.push([...line, field])
      line = []
      field = ''
      i++
    } else field += character
  }
  return lines
}

describe('an exported domain', () => {
  it('is a CSV file with every row, a byte order mark, and Chinese as it was', async () => {
    const { get } = await setUp()
    const response = await get('?domain=history')
    expect(response.headers.get('Content-Type')).toBe('text/csv; charset=utf-8')
    expect(response.headers.get('Content-Disposition')).toBe(
      'attachment; filename="query_tool-history-2026-06-01.csv"',
    )
    expect(response.headers.get('X-Total-Count')).toBe('51')
    const bytes = new Uint8Array(await response.arrayBuffer())
    expect([...bytes.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf])
    const [header, ...lines] = parseCsv(new TextDecoder().decode(bytes))
    expect(header).toEqual(['CONTAINERID', 'DOMAIN', 'N', 'NOTE', 'EMPTY'])
    expect(lines).toEqual(
      scriptedRows('history', IDS).map((row) => [row.CONTAINERID, row.DOMAIN, String(row.N), row.NOTE, '']),
    )
  })

  it('is a row per line as NDJSON', async () => {
    const { get } = await setUp()
    const text = await (await get('?domain=holds&format=ndjson')).text()
    const rows = text.trimEnd().split('\n')
    expect(rows.map((row) => JSON.parse(row))).toEqual(scriptedRows('holds', IDS))
  })

  it('is a Parquet file with every row', async () => {
    const { get } = await setUp()
    const response = await get('?domain=history&format=parquet')
    expect(response.headers.get('Content-Type')).toBe('application/vnd.apache.parquet')
    expect(response.headers.get('Content-Disposition')).toContain('query_tool-history-2026-06-01.parquet')
    const rows = await parquetReadObjects({ file: await response.arrayBuffer() })
    expect(rows).toMatchObject(
      scriptedRows('history', IDS).map(({ CONTAINERID, N, NOTE }) => ({ CONTAINERID, N, NOTE })),
    )
  })

  it('has every number with the digits it is stored with', async () => {
    const { get, log } = await setUp()
    const { chunk } = log
    log.chunk = async (jobId, seq) => {
      const text = new TextDecoder().decode(zlibCodec.decode(await chunk(jobId, seq)))
      return zlibCodec.encode(new TextEncoder().encode(text.replaceAll(/"N":\d+/g, '"N":-9007199254740993')))
    }
    const lines = (await (await get('?domain=history&format=ndjson')).text()).trimEnd().split('\n')
    expect(lines).toHaveLength(51)
    for (const line of lines) expect(line).toMatch(/^\{.*"N":-9007199254740993[,}].*\}$/)
    const [, ...csv] = parseCsv(await (await get('?domain=history')).text())
    expect(csv.map((cells) => cells[2])).toEqual(Array.from({ length: 51 }, () => '-9007199254740993'))
  })

  it('is written from one chunk after the other', async () => {
    const { get, log } = await setUp()
    const { chunk } = log
    let asked = 0
    log.chunk = (jobId, seq) => {
      asked++
      return chunk(jobId, seq)
    }
    const reader = (await get('?domain=history')).body!.getReader()
    // The byte order mark with the header, and one batch of rows.
    for (let i = 0; i < 2; i++) await reader.read()
    expect(asked).toBe(1)
    await reader.cancel()
  })

  it('breaks off when rows are missing: never a short file that looks whole', async () => {
    const { get, log } = await setUp()
    log.chunk = async () => {
      throw new Error('gone')
    }
    await expect((await get('?domain=history')).text()).rejects.toThrow()
  })

  it('breaks off at a column that the header lacks: a value is never left out', async () => {
    const source = scriptedSource()
    const { events } = source
    source.events = async function* (domain, ids, options) {
      for await (const rows of events(domain, ids, options)) {
        yield rows.map((row) => (row.CONTAINERID === 'ID-16' ? { ...row, LATE: 1 } : row))
      }
    }
    const { get } = await setUp(source)
    await expect((await get('?domain=history')).text()).rejects.toThrow('LATE')
    expect(await (await get('?domain=history&format=ndjson')).text()).toContain('"LATE":1')
  })

  it.each([
    ['?domain=nope', 'INVALID_PARAMS'],
    ['', 'INVALID_PARAMS'],
    ['?domain=__proto__', 'INVALID_PARAMS'],
    ['?domain=history&format=xlsx', 'INVALID_PARAMS'],
  ])('refuses %s', async (query, code) => {
    const { get } = await setUp()
    const response = await get(query)
    expect(response.status).toBe(400)
    expect((await response.json()).error.code).toBe(code)
  })

  it('has no file of a failed domain, and none of a job that runs', async () => {
    const failing = scriptedSource({
      beforePage: ({ domain }) => {
        if (domain === 'history') throw new Error('gone')
      },
    })
    const { get, call, log } = await setUp(failing)
    expect((await get('?domain=history')).status).toBe(400)
    await log.create({
      jobId: 'trace-evt-waits',
      owner: '',
      kind: 'events',
      profile: 'query_tool',
      domains: ['history'],
      cidCount: 1,
      createdAtMs: 0,
    })
    expect((await call('/api/trace/job/trace-evt-waits/export?domain=history')).status).toBe(409)
  })
})

describe('CSV lines', () => {
  const cell = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.string({
      unit: fc.constantFrom('"', ',', '\r', '\n', '=', '＝', '＠', '-', '@', '\t', '晶', "'", 'a'),
    }),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.constant(null),
  )
  const table = fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 5 }).chain((columns) =>
    fc.record({
      columns: fc.constant(columns),
      rows: fc.array(fc.tuple(...columns.map(() => cell)), { maxLength: 6 }),
    }),
  )

  it('read back as what was written, whatever it was', () => {
    fc.assert(
      fc.property(table, ({ columns, rows }) => {
        const records = rows.map(
          (cells) => Object.fromEntries(columns.map((name, i) => [name, cells[i]])) as Row,
        )
        const [, ...lines] = parseCsv(csvHeader(columns) + csvLines(records, columns))
        expect(lines).toEqual(
          records.map((record) =>
            columns.map((name) => {
              const value = record[name]
              if (typeof value !== 'string') return value === null || value === undefined ? '' : String(value)
              return /^[=+\-@\t\r\n＝＋－＠]/.test(value) ? `'${value}` : value
            }),
          ),
        )
      }),
    )
  })

  it.each(['＝1+1', '＋1', '－1', '＠SUM(1)', '\n=1+1', '\t=1', '\r=1'])(
    'guard %j, a formula to some',
    (text) => {
      const [, [cell]] = parseCsv(csvHeader(['A']) + csvLines([{ A: text }], ['A'])) as [string[], [string]]
      expect(cell).toBe(`'${text}`)
    },
  )

  it.each(['__proto__', 'constructor', 'toString'])('have an empty cell where a row has no %s', (name) => {
    const rows = [JSON.parse(`{"A":1,"${name}":"x"}`) as Row, { A: 2 }]
    expect(csvLines(rows, ['A', name])).toBe('1,x\r\n2,\r\n')
  })

  it('guard text against being run, and leave negative numbers numbers', () => {
    const text = csvLines(
      [{ A: '=HYPERLINK("x")', B: -3.5, C: '-3.5', D: '@SUM(1)', E: { a: 1 } } as unknown as Row],
      ['A', 'B', 'C', 'D', 'E'],
    )
    expect(text).toBe(`"'=HYPERLINK(""x"")",-3.5,'-3.5,'@SUM(1),"{""a"":1}"\r\n`)
  })
})
