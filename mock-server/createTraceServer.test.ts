import { describe, expect, it } from 'vitest'
import { createTraceServer } from './createTraceServer.js'
import type { PartialSource } from './ports/index.js'
import { parseLines } from './testing/readLines.js'
import { startTestRedis } from './testing/startTestRedis.js'
import { describeWithRedis } from './testing/testRedis.js'

/** Stops of machines, and whether it was closed. */
function createStops() {
  const state = { isClosed: false }
  const source: PartialSource = {
    describe: () => ({
      profiles: [{ name: 'downtime', stages: ['events'], domains: ['stops'] }],
      domains: [{ name: 'stops', columns: [{ name: 'HOURS', kind: 'quantity' }] }],
    }),
    async *rows() {
      yield { rows: [{ HOURS: 3 }], next: null }
    },
    close: async () => void (state.isClosed = true),
  }
  return { source, state }
}

describe('a server in a program', () => {
  it('answers on its own source, in this thread, until it is stopped', async () => {
    const { source, state } = createStops()
    const server = await createTraceServer({ source, port: 0 })
    const accepted = await fetch(`${server.url}/api/trace/run`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ profile: 'downtime', params: {} }),
    })
    const { follow_url } = (await accepted.json()) as { follow_url: string }
    const lines = parseLines(await (await fetch(server.url + follow_url)).text())
    expect(lines.find(({ type }) => type === 'records')).toMatchObject({
      domain: 'stops',
      data: [{ HOURS: 3 }],
    })
    expect(lines.at(-1)).toMatchObject({ type: 'complete' })
    await server.stop()
    expect(state.isClosed).toBe(true)
    await expect(fetch(server.url)).rejects.toThrow()
  })

  it('says in one sentence why it cannot start, and holds nothing then', async () => {
    const server = await createTraceServer({ port: 0 })
    const port = Number(new URL(server.url).port)
    const { source, state } = createStops()
    await expect(createTraceServer({ source, port })).rejects.toThrow(
      `Port ${port} of 127.0.0.1 is taken: stop what listens there, or set PORT to another.`,
    )
    expect(state.isClosed).toBe(true)
    await server.stop()
  })

  it.each([
    [
      { sources: {} },
      'createTraceServer: sources is not known; there are source, identify, allowedOrigins, allowedHosts.',
    ],
    [
      { source: {} },
      'createTraceServer: source.describe must be there: a function that says which profiles and domains there are.',
    ],
    [{ port: 70_000 }, 'PORT must be a whole number from 0 to 65535, not "70000".'],
  ])('is refused with one sentence: %j', async (options, sentence) => {
    await expect(createTraceServer(options as object)).rejects.toThrow(new Error(sentence))
  })
})

describeWithRedis('a server whose Redis cannot be used', () => {
  it('does not start, and leaves no source open', async () => {
    const redis = await startTestRedis()
    const { source, state } = createStops()
    const starting = createTraceServer({ source, port: 0, environment: { REDIS_URL: `${redis.url}/99` } })
    await expect(starting).rejects.toThrow('Redis does not give the database of REDIS_URL')
    expect(state.isClosed).toBe(true)
    await redis.remove()
  })
})
