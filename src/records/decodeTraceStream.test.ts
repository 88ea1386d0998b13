import { describe, expect, it } from 'vitest'
import { isTraceError } from '../errors.js'
import type { TraceFormat } from './columns/TraceDecoder.js'
import { decodeTraceStream } from './decodeTraceStream.js'

const encoder = new TextEncoder()

async function* inPieces(text: string, size: number) {
  const bytes = encoder.encode(text)
  for (let i = 0; i < bytes.length; i += size) yield bytes.slice(i, i + size)
}

/** Events with rows as arrays, and the fault. */
async function decode(text: string, size = 1 << 16, format?: TraceFormat) {
  const events: unknown[] = []
  try {
    for await (const event of decodeTraceStream(inPieces(text, size), { format })) {
      events.push(
        event.type === 'records'
          ? { ...event, rows: Array.from({ length: event.rows.length }, (_, i) => event.rows.at(i)) }
          : event,
      )
    }
  } catch (error) {
    if (!isTraceError(error)) throw error
    return { events, fault: { code: error.code, line: error.line } }
  }
  return { events, fault: null }
}

const ours =
  '{"type":"meta","seq":1,"job_id":"j","profile":"query_tool","domains":["history"],"epoch":"e"}\n' +
  '{"type":"domain_start","seq":2,"domain":"history","total":null}\n' +
  '{"type":"records","seq":3,"domain":"history","batch":0,"count":2,"data":[{"站":"測試"},{"站":null}]}\n' +
  '{"type":"domain_end","seq":4,"domain":"history","count":2}\n' +
  '{"type":"novelty","x":1}\n' +
  '{"type":"complete","total_records":2}\n'

const originals =
  '{"type": "meta", "job_id": "j", "profile": "query_tool", "domains": ["history"]}\n' +
  '{"type": "domain_start", "domain": "history", "total": 1}\n' +
  '{"type": "records", "domain": "history", "batch": 0, "count": 1, "data": [{"站": "測試", "N": 1.5}]}\n' +
  '{"type": "domain_end", "domain": "history", "count": 1}\n' +
  '{"type": "complete", "total_records": 1}\n'

describe('decodeTraceStream', () => {
  it('gives the same events wherever the bytes are cut, and skips unknown types', async () => {
    const { events, fault } = await decode(ours)
    expect(fault).toBeNull()
    expect(events.map((event) => (event as { type: string }).type)).toEqual([
      'meta',
      'domain_start',
      'records',
      'domain_end',
      'complete',
    ])
    expect(events[2]).toEqual({
      type: 'records',
      seq: 3,
      domain: 'history',
      batch: 0,
      count: 2,
      rows: [{ 站: '測試' }, { 站: null }],
    })
    for (let size = 1; size < 40; size++) expect((await decode(ours, size)).events).toEqual(events)
  })

  it("reads the original service's lines", async () => {
    const { events, fault } = await decode(originals)
    expect(fault).toBeNull()
    expect(events[2]).toEqual({
      type: 'records',
      seq: null,
      domain: 'history',
      batch: 0,
      count: 1,
      rows: [{ 站: '測試', N: 1.5 }],
    })
  })

  it('gives a whole answer, in a line or as one JSON object, as the lines of a stream', async () => {
    const history = { data: [{ 站: '測試' }, { 站: null }], count: 2 }
    const answer = { stage: 'events', results: { history, holds: { data: [] } }, aggregation: { n: 1 } }
    const wanted = [
      { type: 'meta', seq: null, epoch: null, jobId: null, profile: null, domains: [], isInterleaved: false },
      { type: 'domain_start', seq: null, domain: 'history', total: null },
      { type: 'records', seq: null, domain: 'history', batch: 0, count: 2, rows: history.data },
      { type: 'domain_end', seq: null, domain: 'history', count: 2 },
      { type: 'domain_start', seq: null, domain: 'holds', total: null },
      { type: 'domain_end', seq: null, domain: 'holds', count: 0 },
      { type: 'warning', code: 'EVENTS_PARTIAL_FAILURE', failedDomains: ['materials'] },
      { type: 'aggregation', data: { n: 1 } },
      { type: 'complete', totalRecords: 2, domains: new Map([['history', 2], ['holds', 0]]) }, // prettier-ignore
    ]
    const body = { ...answer, failed_domains: ['materials'] }
    expect(await decode(JSON.stringify(body), 5, 'answer')).toEqual({ events: wanted, fault: null })
    const line = `${JSON.stringify({ type: 'full_result', data: body })}\n`
    expect(await decode(line, 5)).toEqual({ events: wanted, fault: null })
  })

  it('says of a row in a whole answer that it is none, and of a line which', async () => {
    const answer = '{"results":{"history":{"data":[{},1]}}}'
    expect((await decode(answer, 5, 'answer')).fault).toEqual({
      code: 'UNEXPECTED_RESPONSE',
      line: undefined,
    })
    const line = `{"type":"full_result","data":${answer}}\n`
    expect((await decode(line)).fault).toEqual({ code: 'MALFORMED_LINE', line: 1 })
  })

  it.each([
    ['breaks off', '{"results":{"history":{"data":[{}'],
    ['has no results', '{"results":[]}}'],
  ])('says which line holds an answer that %s', async (_, answer) => {
    const line = `\n{"type":"full_result","data":${answer}\n`
    expect((await decode(line)).fault).toEqual({ code: 'MALFORMED_LINE', line: 2 })
  })

  it.each([
    ['a count that differs', '{"type":"records","domain":"d","batch":0,"count":2,"data":[{}]}\n'],
    ['a row that is no object', '{"type":"records","domain":"d","batch":0,"count":1,"data":[1]}\n'],
    ['data that is no list', '{"type":"records","domain":"d","batch":0,"count":0,"data":{}}\n'],
    ['a missing domain', '{"type":"records","batch":0,"count":0,"data":[]}\n'],
    ['no type', '{}\n'],
    ['text that is not JSON', '{"type":\n'],
  ])('refuses a line with %s, after the events before it', async (_, line) => {
    const { events, fault } = await decode(`{"type":"complete","total_records":0}\n${line}`)
    expect(events).toHaveLength(1)
    expect(fault).toEqual({ code: 'MALFORMED_LINE', line: 2 })
  })

  it('refuses a stream that breaks off inside a line', async () => {
    expect((await decode(ours.slice(0, -1))).fault).toEqual({ code: 'STREAM_TRUNCATED', line: 6 })
  })

  it('stops at once on abort', async () => {
    const controller = new AbortController()
    const endless = new ReadableStream<Uint8Array>({ start: (c) => c.enqueue(encoder.encode(ours)) })
    const events = decodeTraceStream(endless, { signal: controller.signal })
    await events.next()
    controller.abort('enough')
    await expect(events.next()).rejects.toBe('enough')
  })
})
