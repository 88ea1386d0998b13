import { describe, expect, it } from 'vitest'
import { isTraceError } from '../../errors.js'
import { createScriptedTransport } from '../fixtures/createScriptedTransport.js'
import { createVirtualEnvironment } from '../fixtures/createVirtualEnvironment.js'
import {
  failure,
  hang,
  html,
  networkError,
  stream,
  type Reply,
  type StreamPart,
} from '../fixtures/replies.js'
import * as wire from '../fixtures/wire.js'
import { LOG_START } from '../judge/StreamPosition.js'
import { stepsOf } from '../run/stepsOf.js'
import { followJob } from './followJob.js'
import { DEFAULT_POLICY } from '../run/TracePolicy.js'

const SHAPE = {
  domains: { history: [wire.rows('h', 3), wire.rows('i', 2)], materials: [wire.rows('m', 1)] },
}
const NUMBERED = wire.logLines({ ...SHAPE, epoch: 'e1' })
const UNNUMBERED = wire.logLines(SHAPE)
const WHOLE = {
  history: ['h-0', 'h-1', 'h-2', 'i-0', 'i-1'],
  materials: ['m-0'],
}

function read(replies: Reply[], { canFollow = true } = {}) {
  const environment = createVirtualEnvironment()
  const transport = createScriptedTransport({ [wire.ROUTES.stream]: replies }, environment)
  const controller = new AbortController()
  const context = { environment, transport, policy: DEFAULT_POLICY, signal: controller.signal }
  const waits: string[] = []
  let rows: Record<string, unknown[]> = {}

  async function run() {
    const options = {
      url: wire.FOLLOW_202.follow_url,
      canFollow,
      position: LOG_START,
      jobId: wire.JOB_ID,
      domains: Object.keys(SHAPE.domains),
      needsAggregation: false,
    }
    const steps = stepsOf(context, (run) => followJob(options, run))
    for await (const { delta } of steps) {
      if (delta.type === 'waiting') waits.push(delta.error?.code ?? delta.reason)
      if (delta.type === 'rows-dropped') rows = {}
      if (delta.type === 'domain-started') rows[delta.domain] = []
      if (delta.type !== 'rows') continue
      for (let i = 0; i < delta.batch.length; i++) rows[delta.domain]!.push(delta.batch.at(i).CONTAINERID)
    }
    return rows
  }
  const ended = run()
  const fault = async () => {
    const error = await environment.until(ended).catch((cause: unknown) => cause)
    expect(environment.leftovers).toBe(0)
    return isTraceError(error) ? error.code : error
  }
  const asked = () => transport.seen.map(({ line }) => line.split('?')[1])
  return { environment, transport, controller, ended, waits, asked, fault }
}

describe('followJob', () => {
  it('goes on after the last line held, wherever the connection breaks', async () => {
    for (let cut = 1; cut < NUMBERED.length; cut++) {
      for (const then of ['break', 'end'] as const) {
        const { environment, ended, asked, waits } = read([
          stream(NUMBERED.slice(0, cut), then),
          stream(NUMBERED.slice(cut)),
        ])
        expect(await environment.until(ended), `after line ${cut}`).toEqual(WHOLE)
        expect(waits).toEqual(['STREAM_TRUNCATED'])
        const after = Math.min(cut, 8)
        expect(asked()).toEqual(['follow=1', `follow=1&after=${after}&epoch=e1`])
      }
    }
  })

  it('goes on when the connection breaks inside a line, or inside a character', async () => {
    const bytes = new TextEncoder().encode(NUMBERED.map((line) => `${JSON.stringify(line)}\n`).join(''))
    const insideCharacter = bytes.findIndex((byte) => byte > 0x7f) + 1
    for (const cut of [3, insideCharacter, bytes.length - 1]) {
      const { environment, ended } = read([stream([bytes.slice(0, cut)], 'break'), stream(NUMBERED)])
      expect(await environment.until(ended), `cut at byte ${cut}`).toEqual(WHOLE)
    }
  })

  it('starts over and skips what it holds at a server without cursors', async () => {
    for (let cut = 1; cut < UNNUMBERED.length; cut++) {
      const { environment, ended, asked } = read(
        [stream(UNNUMBERED.slice(0, cut), 'break'), stream(UNNUMBERED)],
        { canFollow: false },
      )
      expect(await environment.until(ended), `after line ${cut}`).toEqual(WHOLE)
      expect(asked()).toEqual(['follow=1', 'follow=1'])
    }
  })

  it('skips an overlapping replay', async () => {
    const { environment, ended } = read([stream(NUMBERED.slice(0, 5), 'break'), stream(NUMBERED.slice(2))])
    expect(await environment.until(ended)).toEqual(WHOLE)
  })

  it('reads a line that came twice again from where it was', async () => {
    const twice = NUMBERED.toSpliced(3, 0, NUMBERED[2]!)
    const { environment, ended, waits } = read([stream(twice), stream(NUMBERED.slice(3))])
    expect(await environment.until(ended)).toEqual(WHOLE)
    expect(waits).toEqual(['SEQUENCE_GAP'])
  })

  it('asks for a missing line instead of showing what comes after it', async () => {
    const { environment, ended, asked } = read([stream(NUMBERED.toSpliced(3, 1)), stream(NUMBERED.slice(3))])
    expect(await environment.until(ended)).toEqual(WHOLE)
    expect(asked()[1]).toBe('follow=1&after=3&epoch=e1')
  })

  it('reconnects when nothing comes for 30 s, and not before', async () => {
    const parts: StreamPart[] = [...NUMBERED.slice(0, 3), { waitMs: 29_000 }, ...NUMBERED.slice(3, 4)]
    const { environment, ended, waits, transport } = read([stream(parts, 'hang'), stream(NUMBERED.slice(4))])
    expect(await environment.until(ended)).toEqual(WHOLE)
    expect(waits).toEqual(['STREAM_SILENT'])
    const silentMs = transport.seen[1]!.atMs - transport.seen[0]!.atMs - 29_000
    expect(silentMs).toBeGreaterThanOrEqual(30_000)
    expect(silentMs).toBeLessThan(31_000)
    expect(transport.seen[0]!.signal.aborted).toBe(true)
  })

  it('does not take a slow page for a silent server', async () => {
    const environment = createVirtualEnvironment()
    const transport = createScriptedTransport({ [wire.ROUTES.stream]: stream(NUMBERED) }, environment)
    const context = { environment, transport, policy: DEFAULT_POLICY, signal: new AbortController().signal }
    const options = { position: LOG_START, domains: [], needsAggregation: false }
    const steps = stepsOf(context, (run) =>
      followJob({ ...options, url: wire.FOLLOW_202.follow_url, canFollow: true }, run),
    )
    const types: string[] = []
    for (;;) {
      const step = await environment.until(steps.next())
      if (step.done) break
      types.push(step.value.delta.type)
      await environment.advance(120_000)
    }
    expect(types).not.toContain('waiting')
    expect(transport.seen).toHaveLength(1)
  })

  it('reads no further than it is asked to', async () => {
    let pulled = 0
    const lines = NUMBERED.map((line) => new TextEncoder().encode(`${JSON.stringify(line)}\n`))
    const counting: Reply = () => {
      const body = new ReadableStream<Uint8Array>(
        {
          pull(controller) {
            const line = lines[pulled++]
            if (line) controller.enqueue(line)
            else controller.close()
          },
        },
        { highWaterMark: 0 },
      )
      return { status: 200, headers: new Headers(), body, json: async () => null }
    }
    const environment = createVirtualEnvironment()
    const transport = createScriptedTransport({ [wire.ROUTES.stream]: counting }, environment)
    const context = { environment, transport, policy: DEFAULT_POLICY, signal: new AbortController().signal }
    const options = { position: LOG_START, domains: [], needsAggregation: false }
    const steps = stepsOf(context, (run) =>
      followJob({ ...options, url: wire.FOLLOW_202.follow_url, canFollow: true }, run),
    )
    await steps.next()
    await environment.advance(10_000)
    expect(pulled).toBe(2)
    await steps.return(LOG_START)
  })

  it.each([
    ['a 5xx', html(502)],
    ['a network error', networkError()],
    ['a connection that is never made', hang()],
    ['a rate limit', failure(429, 'TOO_MANY_REQUESTS', { 'retry-after': '20' })],
  ])('survives %s at reconnect', async (_, reply) => {
    const { environment, ended } = read([
      stream(NUMBERED.slice(0, 4), 'break'),
      reply,
      stream(NUMBERED.slice(4)),
    ])
    expect(await environment.until(ended)).toEqual(WHOLE)
  })

  it('survives a 503 at reconnect where the browser says that there is no network', async () => {
    const { environment, ended, transport } = read([
      stream(NUMBERED.slice(0, 4), 'break'),
      failure(503, 'STORE_UNAVAILABLE'),
      stream(NUMBERED.slice(4)),
    ])
    environment.goOffline()
    expect(await environment.until(ended)).toEqual(WHOLE)
    expect(transport.seen.at(-1)!.atMs - transport.seen[0]!.atMs).toBeLessThan(5_000)
  })

  it.each([
    ['STREAM_TRUNCATED', 'end'],
    ['RETRIES_EXHAUSTED', 'hang'],
  ] as const)(
    'asks not for ever where the browser says that there is no network, and every answer is cut: %s',
    async (code, how) => {
      const { environment, ended, fault, transport } = read([stream([], how)])
      environment.goOffline()
      ended.catch(() => {})
      await environment.advance(900_000)
      expect(transport.seen.length).toBeLessThanOrEqual(DEFAULT_POLICY.maxFailures + 1)
      expect(await fault()).toBe(code)
    },
  )

  it('resumes after an error line that says so, when it says so', async () => {
    const line = {
      type: 'error',
      code: 'STORE_UNAVAILABLE',
      message: 'x',
      retryable: true,
      retry_after_seconds: 8,
    }
    const { environment, ended, transport } = read([
      stream([...NUMBERED.slice(0, 4), line]),
      stream(NUMBERED.slice(4)),
    ])
    expect(await environment.until(ended)).toEqual(WHOLE)
    expect(transport.seen[1]!.atMs - transport.seen[0]!.atMs).toBeGreaterThanOrEqual(8_000)
  })

  it('drops what it holds when the log begins anew, and takes the new log', async () => {
    const anew = wire.logLines({ ...SHAPE, epoch: 'e2' })
    const { environment, ended, asked } = read([
      stream(NUMBERED.slice(0, 4), 'break'),
      stream([{ type: 'reset', epoch: 'e2' }, ...anew.slice(0, 3)], 'break'),
      stream(anew.slice(3)),
    ])
    expect(await environment.until(ended)).toEqual(WHOLE)
    expect(asked()[2]).toBe('follow=1&after=3&epoch=e2')
  })

  it('gives up on a server that begins anew for ever', async () => {
    let epoch = 0
    const restless: Reply = (request, environment) => {
      const log = wire.logLines({ ...SHAPE, epoch: `e${++epoch}` }).slice(0, 4)
      return stream([{ type: 'reset', epoch: `e${epoch}` }, ...log], 'break')(request, environment)
    }
    expect(await read([restless]).fault()).toBe('STREAM_TRUNCATED')
  })

  it('gives up on two logs that take turns, a longer one and a shorter', async () => {
    let epoch = 0
    const alternating: Reply = (request, environment) => {
      const log = wire.logLines({ ...SHAPE, epoch: `e${++epoch}` }).slice(0, epoch % 2 === 0 ? 3 : 5)
      return stream([{ type: 'reset', epoch: `e${epoch}` }, ...log], 'break')(request, environment)
    }
    expect(await read([alternating]).fault()).toBe('STREAM_TRUNCATED')
  })

  it('gives up on a log that grows a little each time it begins anew, and on one that does so in one connection', async () => {
    const history = Array.from({ length: 40 }, (_, i) => wire.rows(`r${i}`, 1))
    let length = 1
    const growing: Reply = (request, environment) => {
      const log = wire.logLines({ domains: { history }, epoch: `e${++length}` }).slice(0, length)
      return stream([{ type: 'reset', epoch: `e${length}` }, ...log], 'break')(request, environment)
    }
    expect(await read([growing]).fault()).toBe('SEQUENCE_GAP')
    const resets = Array.from({ length: 1000 }, (_, i) => ({ type: 'reset', epoch: `e${i}` }))
    expect(await read([stream(resets, 'break')]).fault()).toBe('SEQUENCE_GAP')
  })

  it('is patient with a connection that breaks often but always brings something', async () => {
    const pieces = NUMBERED.map((line, i) => stream([line], i === NUMBERED.length - 1 ? 'end' : 'break'))
    const { environment, ended } = read(pieces)
    expect(await environment.until(ended)).toEqual(WHOLE)
  })

  it.each([
    ['STREAM_TRUNCATED', 'ends without complete', stream(NUMBERED.slice(0, -1))],
    ['STREAM_TRUNCATED', 'breaks', stream(NUMBERED.slice(0, -1), 'break')],
    [
      'STREAM_TRUNCATED',
      'has a last line without LF',
      stream([...NUMBERED.slice(0, -1), JSON.stringify(NUMBERED.at(-1))]),
    ],
    ['SEQUENCE_GAP', 'lacks a line', stream(NUMBERED.toSpliced(3, 1))],
    ['SEQUENCE_GAP', 'goes on after its end', stream([...NUMBERED, NUMBERED.at(-1)!])],
    ['MALFORMED_LINE', 'goes on with garbage after its end', stream([...NUMBERED, '<html>\n'])],
    ['MALFORMED_LINE', 'has half a line after its end', stream([...NUMBERED, '{"type":"err'])],
    ['MALFORMED_LINE', 'breaks in a line after its end', stream([...NUMBERED, '{"type":"err'], 'break')],
    ['MALFORMED_LINE', 'hangs in a line after its end', stream([...NUMBERED, '{"type":"err'], 'hang')],
    [
      'MALFORMED_LINE',
      'has an error line without LF after its end',
      stream([...NUMBERED, '{"type":"error","message":"disk full"}']),
    ],
    [
      'JOB_MISMATCH',
      'is of another job',
      stream(NUMBERED.with(0, { ...NUMBERED[0], job_id: 'trace-evt-of-somebody-else' })),
    ],
    ['COUNT_MISMATCH', 'counts other rows', stream(NUMBERED.with(4, { ...NUMBERED[4], count: 6 }))],
    ['MALFORMED_LINE', 'has a line that is no JSON', stream([...NUMBERED.slice(0, 3), '{"type":\n'])],
    [
      'MALFORMED_LINE',
      'has rows that are none',
      stream(NUMBERED.with(2, { ...NUMBERED[2], data: [1, 2, 3] })),
    ],
    [
      'DOMAIN_MISSING',
      'lacks a domain',
      stream([...NUMBERED.slice(0, 5), { type: 'complete', total_records: 5 }]),
    ],
  ])('fails with %s when the stream always %s', async (code, _, reply) => {
    expect(await read([reply]).fault()).toBe(code)
  })

  it.each(['\n', '\r\n', ' \n\n', ' '])(
    'is done when there is only white space (%j) after the end',
    async (blank) => {
      const { environment, ended } = read([stream([...NUMBERED, blank], 'break')])
      expect(await environment.until(ended)).toEqual(WHOLE)
    },
  )

  it.each([null, undefined])('takes a log that does not say whose it is (%s)', async (jobId) => {
    const { environment, ended } = read([stream(NUMBERED.with(0, { ...NUMBERED[0], job_id: jobId }))])
    expect(await environment.until(ended)).toEqual(WHOLE)
  })

  it('notices a log of another job after a reconnect too, and takes nothing from it', async () => {
    const other = wire.logLines({ domains: { history: [wire.rows('x', 9)], materials: [] } })
    const { environment, ended, waits } = read(
      [
        stream(UNNUMBERED.slice(0, 4), 'break'),
        stream(other.with(0, { ...other[0], job_id: 'trace-evt-of-somebody-else' })),
        stream(UNNUMBERED),
      ],
      { canFollow: false },
    )
    expect(await environment.until(ended)).toEqual(WHOLE)
    expect(waits).toEqual(['STREAM_TRUNCATED', 'JOB_MISMATCH'])
  })

  it('knows after two downloads that a chunk is lost', async () => {
    const lost = UNNUMBERED.toSpliced(2, 1)
    const { fault, transport } = read([stream(lost)], { canFollow: false })
    expect(await fault()).toBe('SEQUENCE_GAP')
    expect(transport.seen).toHaveLength(2)
  })

  it('knows after two downloads that a last chunk is lost, whatever went wrong in between', async () => {
    const lost = UNNUMBERED.toSpliced(3, 1)
    const replies = [stream(lost), networkError(), stream(lost)]
    const { fault, transport } = read(replies, { canFollow: false })
    expect(await fault()).toBe('COUNT_MISMATCH')
    expect(transport.seen).toHaveLength(3)
  })

  it.each([
    ['JOB_RESULT_EXPIRED', 'result not found', 1],
    ['RETRIES_EXHAUSTED', 'Redis unavailable', 9],
  ])("says %s when all that the original's stream says is '%s'", async (code, message, times) => {
    const { fault, transport } = read([stream([{ type: 'error', message }])], { canFollow: false })
    expect(await fault()).toBe(code)
    expect(transport.seen).toHaveLength(times)
  })

  it('keeps the last failure as the cause', async () => {
    const { environment, ended } = read([stream(NUMBERED.slice(0, 3))])
    await expect(environment.until(ended)).rejects.toMatchObject({
      code: 'STREAM_TRUNCATED',
      retryable: true,
      cause: { code: 'STREAM_TRUNCATED' },
    })
  })

  it.each([
    [
      'CHUNK_MISSING',
      stream([...NUMBERED.slice(0, 3), { type: 'error', code: 'CHUNK_MISSING', message: 'x' }]),
    ],
    ['JOB_NOT_FOUND', failure(404, 'JOB_NOT_FOUND')],
    ['UNAUTHORIZED', failure(401, 'UNAUTHORIZED')],
  ])('takes %s for the last word', async (code, reply) => {
    const { fault, transport } = read([reply])
    expect(await fault()).toBe(code)
    expect(transport.seen).toHaveLength(1)
  })

  it('is done when the proof is there, though the connection stays open', async () => {
    for (const then of ['hang', 'break'] as const) {
      const { environment, ended } = read([stream(NUMBERED, then)])
      expect(await environment.until(ended)).toEqual(WHOLE)
    }
  })

  it('gives its connection back when the page has been hidden for 30 s, and goes on when it is seen', async () => {
    const alive = Array.from({ length: 20 }, () => [{ waitMs: 10_000 }, { type: 'progress', rows: 3 }]).flat()
    const { environment, ended, transport, waits } = read([
      stream([...NUMBERED.slice(0, 3), ...alive]),
      stream(NUMBERED.slice(3)),
    ])
    await environment.advance(1_000)
    environment.hide()
    await environment.advance(20_000)
    environment.show()
    await environment.advance(5_000)
    environment.hide()
    await environment.advance(29_000)
    expect(transport.seen[0]!.signal.aborted).toBe(false)
    await environment.advance(2_000)
    expect(transport.seen[0]!.signal.aborted).toBe(true)
    await environment.advance(600_000)
    expect(transport.seen).toHaveLength(1)
    environment.show()
    expect(await environment.until(ended)).toEqual(WHOLE)
    expect(waits).toEqual(['hidden'])
  })

  it('ends in the tick of an abort, reading, waiting or hidden', async () => {
    for (const reply of [stream(NUMBERED.slice(0, 3), 'hang'), stream(NUMBERED.slice(0, 3)), hang()]) {
      const { environment, ended, controller } = read([reply])
      await environment.advance(100)
      controller.abort('enough')
      await expect(ended).rejects.toBe('enough')
      expect(environment.leftovers).toBe(0)
    }
  })
})
