import { describe, expect, it } from 'vitest'
import { createScriptedTransport } from '../fixtures/createScriptedTransport.js'
import { createVirtualEnvironment } from '../fixtures/createVirtualEnvironment.js'
import { after, failure, hang, html, json, networkError, type Reply } from '../fixtures/replies.js'
import * as wire from '../fixtures/wire.js'
import { pollJob, pollTraceJob } from './pollJob.js'
import { DEFAULT_POLICY } from '../run/TracePolicy.js'

const RUNNING = json(wire.status('running'))
const DONE = json(wire.status('completed'))

/** A status that says something new with each `rows`. */
function runningAt(rows: number): Reply {
  return json(wire.status('running', { progress_detail: { rows } }))
}

function poll(replies: Reply[]) {
  const environment = createVirtualEnvironment()
  const transport = createScriptedTransport({ [wire.ROUTES.status]: replies }, environment)
  const controller = new AbortController()
  const context = { environment, transport, policy: DEFAULT_POLICY, signal: controller.signal }
  const url = wire.ORIGINAL_202.status_url
  async function run() {
    const seen: string[] = []
    for await (const event of pollTraceJob({ url, jobId: wire.JOB_ID }, context)) {
      seen.push(event.type === 'status' ? event.status.status : event.error.code)
    }
    return seen
  }
  const waits = () => transport.seen.slice(1).map(({ atMs }, i) => atMs - transport.seen[i]!.atMs)
  return { environment, transport, controller, run: run(), waits }
}

describe('pollJob', () => {
  it('asks at once, then ever more rarely, up to every 3 s', async () => {
    const { environment, run, waits } = poll([...Array(7).fill(RUNNING), DONE])
    await environment.until(run)
    expect(waits().map(Math.round)).toEqual([500, 750, 1125, 1688, 2531, 3000, 3000])
    expect(environment.leftovers).toBe(0)
  })

  it('spreads its polls by chance, so that pages do not ask in step', async () => {
    const environments = [0, 0.999].map((random) => createVirtualEnvironment({ random: () => random }))
    const firstWaits = environments.map(async (environment) => {
      const transport = createScriptedTransport({ [wire.ROUTES.status]: [RUNNING, DONE] }, environment)
      const { signal } = new AbortController()
      const context = { environment, transport, policy: DEFAULT_POLICY, signal }
      const polling = pollJob(
        {
          url: wire.ORIGINAL_202.status_url,
          read: (body) => body as { status: string },
          isDone: ({ status }) => status === 'completed',
        },
        context,
      )
      await environment.until(
        (async () => {
          for await (const _ of polling);
        })(),
      )
      return transport.seen[1]!.atMs - transport.seen[0]!.atMs
    })
    const [low, high] = await Promise.all(firstWaits)
    expect(low).toBe(450)
    expect(high).toBeCloseTo(550, 0)
  })

  it('waits as long as Retry-After says', async () => {
    const { environment, run, waits } = poll([
      json(wire.status('running'), { headers: { 'retry-after': '2' } }),
      DONE,
    ])
    await environment.until(run)
    expect(waits()).toEqual([2_000])
  })

  it('asks a fifth as often while the page is hidden, and at once when it is seen again', async () => {
    const { environment, run, transport } = poll([RUNNING, RUNNING, DONE])
    environment.hide()
    await environment.advance(2_400)
    expect(transport.seen).toHaveLength(1)
    await environment.advance(200)
    expect(transport.seen).toHaveLength(2)
    environment.show()
    await environment.settle()
    expect(transport.seen).toHaveLength(3)
    expect(await run).toEqual(['running', 'running', 'completed'])
  })

  it('asks at once when the network is back, and spends nothing of its budget without one', async () => {
    const { environment, run, transport } = poll([networkError()])
    await environment.advance(1)
    environment.goOffline()
    await environment.advance(3_600_000)
    const asked = transport.seen.length
    // Every 10 s at most, and at least every 5 s: half of a wait is chance.
    expect(asked).toBeGreaterThan(360)
    expect(asked).toBeLessThan(720)
    environment.goOnline()
    await environment.settle()
    expect(transport.seen).toHaveLength(asked + 1)
    await expect(environment.until(run)).rejects.toMatchObject({ code: 'RETRIES_EXHAUSTED' })
  })

  it('goes on where the browser says that there is no network, and there is one', async () => {
    const { environment, run, transport } = poll([
      RUNNING,
      failure(503, 'STORE_UNAVAILABLE'),
      networkError(),
      RUNNING,
      DONE,
    ])
    environment.goOffline()
    await environment.until(run)
    expect(await run).toEqual(['running', 'STORE_UNAVAILABLE', 'NETWORK_ERROR', 'running', 'completed'])
    expect(transport.seen.at(-1)!.atMs - transport.seen[0]!.atMs).toBeLessThan(10_000)
  })

  it('counts what a server answers although the browser says that there is no network', async () => {
    const { environment, run, transport } = poll([failure(503, 'STORE_UNAVAILABLE')])
    environment.goOffline()
    await expect(environment.until(run)).rejects.toMatchObject({ code: 'RETRIES_EXHAUSTED' })
    expect(transport.seen).toHaveLength(9)
  })

  it.each([
    ['a network error', networkError(), 'NETWORK_ERROR'],
    ['408', failure(408, 'REQUEST_TIMEOUT'), 'REQUEST_TIMEOUT'],
    ['425', failure(425, 'TOO_EARLY'), 'UNEXPECTED_RESPONSE'],
    ['429', failure(429, 'TOO_MANY_REQUESTS'), 'TOO_MANY_REQUESTS'],
    ['502 of a proxy', html(502), 'INTERNAL_ERROR'],
    ['503', failure(503, 'STORE_UNAVAILABLE'), 'STORE_UNAVAILABLE'],
    ["a proxy's page with 200", html(200), 'UNEXPECTED_RESPONSE'],
    ['an answer that is no status', json({}), 'UNEXPECTED_RESPONSE'],
  ])('takes %s for a failed poll, not for a failed job', async (_, reply, code) => {
    const { environment, run } = poll([RUNNING, reply, DONE])
    expect(await environment.until(run)).toEqual(['running', code, 'completed'])
  })

  it('repeats a poll that hangs, after 15 s', async () => {
    const { environment, run, transport } = poll([hang(), DONE])
    expect(await environment.until(run)).toEqual(['REQUEST_TIMEOUT', 'completed'])
    expect(transport.seen[1]!.atMs - transport.seen[0]!.atMs).toBeGreaterThanOrEqual(15_000)
    expect(transport.seen[0]!.signal.aborted).toBe(true)
  })

  it('waits out a rate limit as long as the server asks, even when the page is seen meanwhile', async () => {
    const { environment, run, waits } = poll([
      failure(429, 'TOO_MANY_REQUESTS', { 'retry-after': '57' }),
      DONE,
    ])
    await environment.advance(1_000)
    environment.hide()
    environment.show()
    expect(await environment.until(run)).toEqual(['TOO_MANY_REQUESTS', 'completed'])
    expect(waits()[0]).toBeGreaterThanOrEqual(57_000)
  })

  it.each([
    [404, 'JOB_NOT_FOUND'],
    [401, 'UNAUTHORIZED'],
    [400, 'INVALID_PARAMS'],
  ])("ends with the server's word at %i", async (status, code) => {
    const { environment, run, transport } = poll([RUNNING, failure(status, code)])
    await expect(environment.until(run)).rejects.toMatchObject({ code, status })
    expect(transport.seen).toHaveLength(2)
  })

  it('gives up after eight failures in a row, and says what the last one was', async () => {
    const { environment, run, transport } = poll([html(502)])
    await expect(environment.until(run)).rejects.toMatchObject({
      code: 'RETRIES_EXHAUSTED',
      cause: { code: 'INTERNAL_ERROR', status: 502 },
    })
    expect(transport.seen).toHaveLength(9)
    expect(environment.leftovers).toBe(0)
  })

  it.each([
    ['each good answer says something new', (i: number) => [runningAt(i)]],
    ['good answers come in a row again', () => [RUNNING, RUNNING, RUNNING]],
  ])('counts failures from the start again when %s', async (_, good) => {
    const rough = Array.from({ length: 5 }, (_, i) => [...Array(8).fill(html(502)), ...good(i)]).flat()
    const { environment, run } = poll([...rough, DONE])
    expect((await environment.until(run)).at(-1)).toBe('completed')
  })

  it('does not ask a server for ever that fails every other time and says nothing new', async () => {
    const flapping = Array.from({ length: 100 }, () => [
      RUNNING,
      failure(503, 'STORE_UNAVAILABLE', { 'retry-after': '0' }),
    ]).flat()
    const { environment, run, transport } = poll(flapping)
    await environment.advance(3_000)
    expect(transport.seen.length).toBeLessThan(8)
    await expect(environment.until(run)).rejects.toMatchObject({ code: 'RETRIES_EXHAUSTED' })
    expect(transport.seen).toHaveLength(18)
  })

  it.each(['0', '-5', '0x10', '1e3', 'Mon, 23 Nov 2020 12:00:00 GMT', '1, 1'])(
    'never comes back sooner than by itself, though it is told "Retry-After: %s"',
    async (header) => {
      const refusing = poll([failure(503, 'STORE_UNAVAILABLE', { 'retry-after': header })])
      const silent = poll([failure(503, 'STORE_UNAVAILABLE')])
      for (const { environment, run } of [refusing, silent]) {
        await expect(environment.until(run)).rejects.toMatchObject({ code: 'RETRIES_EXHAUSTED' })
      }
      const own = silent.waits()
      for (const [i, waitMs] of refusing.waits().entries()) expect(waitMs).toBeGreaterThanOrEqual(own[i]!)
    },
  )

  it.each(['86400', '2147484', '9999999999', 'Fri, 01 Jan 2100 00:00:00 GMT'])(
    'waits five minutes at most, though it is told "Retry-After: %s"',
    async (header) => {
      const { environment, run, waits } = poll([
        failure(503, 'STORE_UNAVAILABLE', { 'retry-after': header }),
        json(wire.status('running'), { headers: { 'retry-after': header } }),
        DONE,
      ])
      await environment.until(run)
      expect(waits()).toEqual([300_000, 300_000])
    },
  )

  it('takes no good answer for an order to ask at once', async () => {
    const { environment, run, waits } = poll([
      ...Array(6).fill(json(wire.status('running'), { headers: { 'retry-after': '0' } })),
      DONE,
    ])
    await environment.until(run)
    expect(waits().map(Math.round)).toEqual([500, 750, 1125, 1688, 2531, 3000])
  })

  it.each([
    ['queued', ['deferred', 'scheduled', 'waiting', 'DELAYED', 'PENDING', 'waiting-children', 'Retry']],
    ['running', ['active', 'STARTED', 'Progress', 'in progress', 'working']],
    ['completed', ['SUCCESS', 'done', 'Finished', 'complete']],
    ['failed', ['FAILED', 'FAILURE', 'error', 'dead']],
    ['cancelled', ['stopped', 'canceled', 'REVOKED', 'aborted']],
  ])('reads as %s what other queues call so: %s', async (state, names) => {
    for (const name of names) {
      const { environment, run } = poll([json(wire.status(name)), DONE])
      expect((await environment.until(run))[0], name).toBe(state)
    }
  })

  it.each(['', 'unknown', 'hibernating'])(
    'does not ask for ever about a job in the unknown state "%s"',
    async (state) => {
      const { environment, run, transport } = poll([RUNNING, json(wire.status(state))])
      await expect(environment.until(run)).rejects.toMatchObject({ code: 'UNEXPECTED_RESPONSE' })
      const [, first] = transport.seen
      const forMs = transport.seen.at(-1)!.atMs - first!.atMs
      expect(forMs).toBeGreaterThanOrEqual(60_000)
      expect(forMs).toBeLessThan(64_000)
    },
  )

  it('waits out an unknown state, if it passes', async () => {
    const { environment, run } = poll([
      ...Array(15).fill(json(wire.status('thawing'))),
      RUNNING,
      ...Array(15).fill(json(wire.status('thawing'))),
      DONE,
    ])
    expect((await environment.until(run)).at(-1)).toBe('completed')
  })

  it('does not take the state of another job for that of its own', async () => {
    const other = json({ ...wire.status('completed'), job_id: 'trace-evt-of-somebody-else' })
    const once = poll([other, DONE])
    expect(await once.environment.until(once.run)).toEqual(['JOB_MISMATCH', 'completed'])
    const always = poll([other])
    await expect(always.environment.until(always.run)).rejects.toMatchObject({ code: 'JOB_MISMATCH' })
    expect(always.transport.seen).toHaveLength(5)
  })

  it('ends in the tick of an abort, asleep or asking', async () => {
    for (const replies of [[RUNNING], [after(10_000, RUNNING)]]) {
      const { environment, run, controller } = poll(replies)
      await environment.advance(100)
      controller.abort('enough')
      await expect(run).rejects.toBe('enough')
      expect(environment.leftovers).toBe(0)
    }
  })
})
