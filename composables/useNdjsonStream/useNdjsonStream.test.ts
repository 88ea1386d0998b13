import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { effectScope, ref, type EffectScope } from 'vue'
import { createScriptedTransport } from '../../src/client/fixtures/createScriptedTransport.js'
import {
  createVirtualEnvironment,
  type VirtualEnvironment,
} from '../../src/client/fixtures/createVirtualEnvironment.js'
import { failure, stream, type Reply } from '../../src/client/fixtures/replies.js'
import { useNdjsonStream } from './useNdjsonStream.js'

let environment: VirtualEnvironment
let scope: EffectScope

// A real import is no affair of virtual time.
beforeAll(() => import('../client/client.js'))

beforeEach(() => {
  environment = createVirtualEnvironment()
  scope = effectScope()
})

afterEach(async () => {
  scope.stop()
  await environment.settle()
  expect(environment.leftovers, 'timers and listeners left after the scope').toBe(0)
})

function settings(script: Record<string, Reply | Reply[]>) {
  return { environment, transport: createScriptedTransport(script, environment) }
}

describe('useNdjsonStream', () => {
  it('shows rows while they arrive, and that all have come', async () => {
    const options = settings({ 'GET /log': stream([{ n: 1 }, { waitMs: 1_000 }, { n: 2 }, { n: 3 }]) })
    const { records, isStreaming, isComplete } = scope.run(() =>
      useNdjsonStream<{ n: number }>('/log', options),
    )!
    await environment.advance(500)
    expect([records.value.toArray(), isStreaming.value]).toEqual([[{ n: 1 }], true])
    await environment.advance(1_000)
    expect(records.value.toArray()).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }])
    expect([isStreaming.value, isComplete.value]).toEqual([false, true])
  })

  it('takes rows out of lines, and knows a cut stream by its missing end', async () => {
    const lines = [{ rows: [{ n: 1 }, { n: 2 }] }, { rows: [{ n: 3 }] }]
    const options = settings({ 'GET /a': stream([...lines, { end: true }]), 'GET /b': stream(lines) })
    const reading = {
      ...options,
      rowsOf: (line: unknown) => (line as { rows?: object[] }).rows ?? [],
      isEnd: (line: unknown) => (line as { end?: boolean }).end === true,
    }
    const url = ref('/a')
    const { records, error, isComplete } = scope.run(() => useNdjsonStream(url, reading))!
    await environment.advance(100)
    expect([records.value.loaded, isComplete.value, error.value]).toEqual([3, true, null])
    url.value = '/b'
    expect(records.value.loaded).toBe(0)
    await environment.advance(100)
    expect([records.value.loaded, isComplete.value, error.value?.code]).toEqual([
      3,
      false,
      'STREAM_TRUNCATED',
    ])
  })

  it.each([
    ['STREAM_TRUNCATED', 'breaks', stream([{ n: 1 }], 'break')],
    ['STREAM_SILENT', 'falls silent', stream([{ n: 1 }], 'hang')],
    ['MALFORMED_LINE', 'has a line that is no JSON', stream([{ n: 1 }, '{"n":\n'])],
    ['UNEXPECTED_RESPONSE', 'has rows that are none', stream([{ n: 1 }, '2\n'])],
  ])('says %s when the stream %s, and keeps what came before', async (code, _, reply) => {
    const { records, error, isComplete } = scope.run(() =>
      useNdjsonStream('/log', settings({ 'GET /log': reply })),
    )!
    await environment.advance(60_000)
    expect([error.value?.code, records.value.loaded, isComplete.value]).toEqual([code, 1, false])
  })

  it.each([
    ['a row that is none', 'UNEXPECTED_RESPONSE', '7'],
    ['a line that is no JSON', 'MALFORMED_LINE', '{"n":'],
  ])('keeps the rows that came in one chunk with %s, and names the line', async (_, code, wrong) => {
    const reply = stream([`{"n":1}\n\n{"n":2}\n${wrong}\n{"n":3}\n`])
    const { records, error } = scope.run(() => useNdjsonStream('/log', settings({ 'GET /log': reply })))!
    await environment.advance(100)
    expect(records.value.toArray()).toEqual([{ n: 1 }, { n: 2 }])
    expect(error.value).toMatchObject({ code, line: 4, message: expect.stringContaining('Line 4') })
  })

  const END = { isEnd: (line: unknown) => (line as { end?: boolean }).end === true }

  it.each([
    ['a row', 'MALFORMED_LINE', [{ n: 1 }, { end: true }, { n: 2 }], 'end'],
    ['a row in the same chunk', 'MALFORMED_LINE', ['{"n":1}\n{"end":true}\n{"n":2}\n'], 'end'],
    ['half a row', 'STREAM_TRUNCATED', [{ n: 1 }, { end: true }, '{"n":2'], 'end'],
    ['half a row and a break', 'STREAM_TRUNCATED', [{ n: 1 }, { end: true }, '{"n":2'], 'break'],
  ] as const)('counts no row after the end line, and says so: %s', async (_, code, parts, how) => {
    const reading = { ...settings({ 'GET /log': stream([...parts], how) }), ...END }
    const { records, error, isComplete } = scope.run(() => useNdjsonStream('/log', reading))!
    await environment.advance(100)
    expect(records.value.toArray()).toEqual([{ n: 1 }])
    expect([error.value?.code, error.value?.line, isComplete.value]).toEqual([code, 3, false])
  })

  it.each(['break', 'hang'] as const)(
    'is complete with the end line, though the connection ends in a %s',
    async (how) => {
      const reading = { ...settings({ 'GET /log': stream([{ n: 1 }, { end: true }, '\n'], how) }), ...END }
      const { records, error, isComplete } = scope.run(() => useNdjsonStream('/log', reading))!
      await environment.advance(60_000)
      expect([records.value.loaded, error.value, isComplete.value]).toEqual([1, null, true])
    },
  )

  it.each(['rowsOf', 'isEnd'] as const)(
    "says what went wrong in the caller's %s, of which line, and is not complete",
    async (name) => {
      const lines = [{ rows: [{ n: 1 }] }, { rows: null, end: true }]
      const reading = {
        rowsOf: (line: unknown) => (line as { rows: object[] }).rows.slice(),
        isEnd: (line: unknown) => (line as { end?: boolean }).end === true,
        ...settings({ 'GET /log': stream(lines) }),
      }
      if (name === 'isEnd') reading.isEnd = (line) => (line as { rows: object[] }).rows.length === 0
      const { records, error, isComplete } = scope.run(() => useNdjsonStream('/log', reading))!
      await environment.advance(100)
      expect([records.value.toArray(), isComplete.value]).toEqual([[{ n: 1 }], false])
      expect(error.value).toMatchObject({
        code: 'INTERNAL_ERROR',
        line: 2,
        message: expect.stringMatching(/Line 2 .*null/),
      })
    },
  )

  it('asks once of each line whether it is the end', async () => {
    const asked: unknown[] = []
    function isEnd(line: unknown) {
      asked.push(line)
      return END.isEnd(line)
    }
    const lines = [{ n: 1 }, { end: true }]
    const reading = { ...settings({ 'GET /log': stream(lines) }), isEnd }
    const { records } = scope.run(() => useNdjsonStream('/log', reading))!
    await environment.advance(100)
    expect([asked, records.value.toArray()]).toEqual([lines, [{ n: 1 }]])
  })

  it("says the server's word when there is no stream", async () => {
    const options = settings({ 'GET /log': failure(404, 'JOB_NOT_FOUND') })
    const { error } = scope.run(() => useNdjsonStream('/log', options))!
    await environment.advance(100)
    expect(error.value?.code).toBe('JOB_NOT_FOUND')
  })

  it('drops the lines of an address that has changed, and stops with its scope', async () => {
    const options = settings({
      'GET /old': stream([{ n: 1 }, { waitMs: 100 }, { n: 2 }]),
      'GET /new': stream([{ n: 9 }], 'hang'),
    })
    const url = ref('/old')
    const { records, isStreaming } = scope.run(() => useNdjsonStream(url, options))!
    await environment.advance(50)
    url.value = '/new'
    await environment.advance(500)
    expect(records.value.toArray()).toEqual([{ n: 9 }])
    scope.stop()
    expect([isStreaming.value, records.value.loaded]).toEqual([false, 1])
    expect(options.transport.seen.at(-1)!.signal.aborted).toBe(true)
  })
})
