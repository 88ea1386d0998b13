import { describe, expect, it } from 'vitest'
import { after, failure, html, json, networkError, type Reply } from '../fixtures/replies.js'
import { ROWS, runScript, SHAPE, startScript } from '../fixtures/runScript.js'
import * as wire from '../fixtures/wire.js'

const SEEDS = json(wire.seeds('A'))
const LINEAGE = json(wire.forwardLineage({ A: ['B', 'C'] }))
const EVENTS = json(wire.eventsBody(SHAPE))

/** The waits that a run has told, in ms. */
function waitsOf({ updates }: Awaited<ReturnType<typeof runScript>>) {
  return updates.flatMap((update) => (update.type === 'waiting' ? [[update.reason, update.retryInMs]] : []))
}

function busy(status: number, seconds: string | null): Reply {
  return failure(status, status === 429 ? 'TOO_MANY_REQUESTS' : 'QUEUE_FULL', {
    ...(seconds === null ? {} : { 'retry-after': seconds }),
  })
}

describe('a stage that is refused for the moment', () => {
  it.each([
    ['seed-resolve', wire.ROUTES.seeds, SEEDS],
    ['lineage', wire.ROUTES.lineage, LINEAGE],
    ['events', wire.ROUTES.events, EVENTS],
  ])('is asked again by itself, when the server says: %s', async (_, route, answer) => {
    for (const status of [429, 503]) {
      const run = await runScript({
        [wire.ROUTES.events]: EVENTS,
        [route]: [busy(status, '7'), busy(status, '7'), answer],
      })
      expect(run.outcome.status).toBe('complete')
      expect(run.rows).toEqual(ROWS)
      const [first, second, third] = run.transport.of(route)
      expect(second!.atMs - first!.atMs).toBeGreaterThanOrEqual(7_000)
      expect(second!.atMs - first!.atMs).toBeLessThan(7_000 * (4 / 3))
      expect(third!.body).toEqual(first!.body)
      expect(waitsOf(run).map(([reason]) => reason)).toEqual(['busy', 'busy'])
    }
  })

  it.each([
    ['429 in more than 30 s', busy(429, '31')],
    ['503 that does not say when', busy(503, null)],
    ['500, whenever', failure(500, 'LINEAGE_FAILED', { 'retry-after': '1' })],
  ])('is left to the person at %s', async (_, reply) => {
    const { outcome, transport } = await runScript({ [wire.ROUTES.events]: reply })
    expect(outcome).toMatchObject({ status: 'failed', stage: 'events' })
    expect(transport.of(wire.ROUTES.events)).toHaveLength(1)
  })

  it('is waited for 60 s at most, over all stages together', async () => {
    const script = {
      [wire.ROUTES.seeds]: [busy(429, '25'), SEEDS],
      [wire.ROUTES.lineage]: [busy(429, '25'), LINEAGE],
      [wire.ROUTES.events]: busy(429, '25'),
    }
    const run = await runScript(script)
    expect(run.outcome).toMatchObject({
      status: 'failed',
      stage: 'events',
      error: { code: 'TOO_MANY_REQUESTS', retryAfterMs: 25_000 },
    })
    expect(waitsOf(run)).toHaveLength(2)
    // Of a new run, which a person asks for, nothing has been waited yet.
    const again = await runScript(
      { ...script, [wire.ROUTES.events]: [busy(429, '25'), EVENTS] },
      { from: run.outcome.checkpoint },
    )
    expect(again.outcome.status).toBe('complete')
  })

  it('is not asked without a pause by a server that says "Retry-After: 0"', async () => {
    const { outcome, transport } = await runScript({ [wire.ROUTES.events]: busy(503, '0') })
    expect(outcome).toMatchObject({ status: 'failed', error: { code: 'QUEUE_FULL' } })
    expect(transport.of(wire.ROUTES.events).length).toBeLessThan(15)
  })

  it('can be given up while it is waited for', async () => {
    const controller = new AbortController()
    const { environment, ended } = startScript(
      { [wire.ROUTES.seeds]: busy(429, '20') },
      { signal: controller.signal },
    )
    await environment.advance(5_000)
    controller.abort()
    expect((await ended).outcome.status).toBe('aborted')
    expect(environment.leftovers).toBe(0)
  })
})

describe('a stage whose connection had just been closed', () => {
  it.each([
    ['seed-resolve', wire.ROUTES.seeds, SEEDS],
    ['lineage', wire.ROUTES.lineage, LINEAGE],
    ['events', wire.ROUTES.events, EVENTS],
  ])('is sent again, once: %s', async (stage, route, answer) => {
    const once = await runScript({ [wire.ROUTES.events]: EVENTS, [route]: [networkError(), answer] })
    expect(once.outcome.status).toBe('complete')
    expect(once.transport.of(route)).toHaveLength(2)
    expect(waitsOf(once)).toEqual([])

    const always = await runScript({ [route]: networkError() })
    expect(always.outcome).toMatchObject({ status: 'failed', stage, error: { code: 'NETWORK_ERROR' } })
    expect(always.transport.of(route)).toHaveLength(2)
  })

  it.each([
    ['broke after a minute of work', after(60_000, networkError()), 'NETWORK_ERROR'],
    ['was answered by a proxy', html(502), 'INTERNAL_ERROR'],
  ])('is not sent again when it %s', async (_, reply, code) => {
    const { outcome, transport } = await runScript({ [wire.ROUTES.events]: reply })
    expect(outcome).toMatchObject({ status: 'failed', error: { code } })
    expect(transport.of(wire.ROUTES.events)).toHaveLength(1)
  })
})
