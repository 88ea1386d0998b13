import fc from 'fast-check'
import { expect, it } from 'vitest'
import { collectTrace } from '../fixtures/collectTrace.js'
import { createFaultyServer, type Fault, type ServerKind } from '../fixtures/createFaultyServer.js'
import { createVirtualEnvironment } from '../fixtures/createVirtualEnvironment.js'
import { rows } from '../fixtures/wire.js'
import { runTrace } from './runTrace.js'
import { DEFAULT_POLICY } from './TracePolicy.js'

/** More for a soak: `TRACE_SCHEDULES=10000`; a failure is repeated with `TRACE_SEED=<the seed printed>`. */
const RUNS = Number(process.env.TRACE_SCHEDULES ?? 1_000)
const SEED = Number(process.env.TRACE_SEED ?? Date.now() % 2 ** 31)

const at = fc.nat({ max: 40 })

const streamFault: fc.Arbitrary<Fault> = fc.oneof(
  fc.record({
    kind: fc.constant('cut' as const),
    at,
    how: fc.constantFrom(
      'end' as const,
      'break' as const,
      'inside a line' as const,
      'inside a character' as const,
    ),
  }),
  fc.record({ kind: fc.constantFrom('drop' as const, 'double' as const, 'garble' as const), at }),
  fc.record({ kind: fc.constant('silence' as const), at }),
  fc.record({ kind: fc.constant('delay' as const), at, waitMs: fc.integer({ min: 1, max: 29_000 }) }),
)

const fault: fc.Arbitrary<Fault> = fc.oneof(
  { weight: 4, arbitrary: streamFault },
  fc.record({ kind: fc.constant('overlap' as const), lines: fc.nat({ max: 10 }) }),
  fc.record({ kind: fc.constant('reset' as const), batchRows: fc.integer({ min: 1, max: 6 }) }),
  fc.record({ kind: fc.constant('restart' as const), at, refusals: fc.nat({ max: 2 }) }),
  fc.record({
    kind: fc.constant('status' as const),
    status: fc.constantFrom(
      408 as const,
      425 as const,
      429 as const,
      500 as const,
      502 as const,
      503 as const,
    ),
  }),
  fc.constant<Fault>({ kind: 'network' }),
  fc.constant<Fault>({ kind: 'hang' }),
)

/** A restart refuses further requests: it counts for more than one failure. */
function failuresIn(faults: readonly Fault[]): number {
  return faults.reduce((sum, fault) => sum + 1 + (fault.kind === 'restart' ? fault.refusals : 0), 0)
}

/** So few failures that no budget can be spent, however they fall. */
function isInsideBudget(kind: ServerKind, faults: readonly Fault[]): boolean {
  const { maxFaults, maxRestarts } = DEFAULT_POLICY
  return failuresIn(faults) <= (kind === 'synchronous' ? maxRestarts : maxFaults)
}

/**
 * Whether lines are lost, or come twice, more than once. In a log without cursors that can look like one permanent loss,
 * which is not waited out.
 */
function mayLookLost(kind: ServerKind, faults: readonly Fault[]): boolean {
  return (
    kind === 'poll and stream' && faults.filter(({ kind }) => kind === 'drop' || kind === 'double').length > 1
  )
}

function schedule(kind: ServerKind) {
  const single = kind === 'synchronous' ? streamFault : fault
  const few = fc
    .array(single, {
      maxLength: kind === 'synchronous' ? DEFAULT_POLICY.maxRestarts : DEFAULT_POLICY.maxFaults,
    })
    .filter((faults) => isInsideBudget(kind, faults))
  const many = fc.array(single, { minLength: 5, maxLength: 25 })
  return fc.record({
    kind: fc.constant(kind),
    faults: fc.oneof({ weight: 9, arbitrary: few }, { weight: 1, arbitrary: many }),
    batchRows: fc.integer({ min: 1, max: 6 }),
    pace: fc.constantFrom(0, 3, 20),
    sizes: fc.tuple(fc.nat({ max: 12 }), fc.nat({ max: 12 })),
    failed: fc.option(fc.record({ domain: fc.constant('history'), isBegunAnew: fc.boolean() })),
    chance: fc.integer(),
  })
}

const anySchedule = fc.oneof(
  schedule('follow'),
  schedule('run'),
  schedule('poll and stream'),
  schedule('synchronous'),
)

it(
  `ends ${RUNS} random network schedules complete and exact, or says that it could not`,
  { timeout: 600_000 },
  async () => {
    const told = { inside: 0, beyond: 0, beyondComplete: 0 }
    await fc.assert(
      fc.asyncProperty(anySchedule, async ({ sizes, chance, ...options }) => {
        const { kind, faults, failed } = options
        const isRun = kind === 'run'
        const domains = { history: rows('h', sizes[0]), materials: rows('m', sizes[1]) }
        const all = isRun ? { seeds: rows('s', sizes[1]), ...domains } : domains
        const environment = createVirtualEnvironment({ random: pseudoRandom(chance) })
        const transport = createFaultyServer({ ...options, domains: all }, environment)
        const question = { profile: 'query_tool', params: {}, domains: Object.keys(domains) }
        const pipeline = isRun ? 'job' : 'stages'
        const run = runTrace(question, { transport, environment, pipeline })
        const { outcome, rows: held, unmatched } = await environment.until(collectTrace(run))

        const lacksHistory = isRun && failed?.isBegunAnew === false
        const { history: _, ...others } = all
        const whole = lacksHistory ? 'partial' : 'complete'
        const isInside = isInsideBudget(kind, faults) && !mayLookLost(kind, faults)
        told[isInside ? 'inside' : 'beyond']++
        if (isInside) expect(outcome.status, JSON.stringify(outcome)).toBe(whole)
        else if (outcome.status === whole) told.beyondComplete++
        else expect(outcome.status).toBe('failed')
        if (outcome.status === whole) {
          expect(held).toEqual(lacksHistory ? others : all)
          expect(unmatched).toEqual(isRun ? { count: 1, values: ['LOT-X'] } : null)
        }
        expect(environment.leftovers, 'timers and listeners left').toBe(0)
      }),
      { numRuns: RUNS, seed: SEED },
    )
    const { inside, beyond, beyondComplete } = told
    process.stdout.write(
      `network schedules: ${RUNS} with seed ${SEED}: ${inside} inside the budget, all complete and exact; ` +
        `${beyond} beyond it, of which ${beyondComplete} complete and exact, the others failed and said so\n`,
    )
    expect(inside / RUNS).toBeGreaterThanOrEqual(0.8)
  },
)

function pseudoRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
