/**
 * Clients follow and page jobs, of events and of whole questions, while workers are killed, paused and restarted, and
 * Redis is restarted, at random moments: `npx tsx e2e/chaos/chaos.ts [--runs 2] [--seed 1] [--cluster]`, after `npm run build:server`.
 *
 * In each half of a run all workers are killed in one stage of a whole question; two runs have every stage. While Redis is left alone every client must end complete with exactly the rows and
 * the aggregation of an undisturbed run; when Redis is restarted at least nine of ten, over all runs, and the
 * others with an error that can be retried. Rows that are wrong but called complete fail the whole thing at once.
 */
import { parseArgs } from 'node:util'
import { isTraceErrorCode, TRACE_ERRORS } from '../../src/errors.js'
import { startTestCluster } from '../../mock-server/testing/startTestCluster.js'
import { startTestRedis, type TestRedis } from '../../mock-server/testing/startTestRedis.js'
import { createRandom } from './createRandom.js'
import type { Ending } from './Ending.js'
import { RUN_STAGES, type RunStage } from './killAllIn.js'
import { runOnce, type ClientEnding } from './runOnce.js'
import { startStack } from './startStack.js'

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '2' },
    seed: { type: 'string' },
    cluster: { type: 'boolean', default: false },
  },
})
const firstSeed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31))
const say = (text: string) => console.log(text)

const redis = await startRedis()
const env = {
  ...redis.env,
  LOG_LEVEL: process.env.CHAOS_LOGS ? 'info' : 'warn',
  TRACE_ID_BATCH_SIZE: '50',
  TRACE_STREAM_BATCH_SIZE: '500',
  TRACE_SYNTHETIC_DELAY_MS: '100',
  TRACE_MEMORY_GUARD_MB: '0',
  ...Object.fromEntries(
    ['SEED', 'LINEAGE', 'EVENTS', 'JOB'].map((kind) => [`TRACE_${kind}_RATE_LIMIT_MAX_REQUESTS`, '1000000']),
  ),
}
const stack = await startStack(env, 3)
const failures: string[] = []
const restarted = { clients: 0, complete: 0 }

try {
  const truth = truthOf(await runOnce(stack, null, null, [], () => {}))
  say(`undisturbed: ${truth.events.rows} rows of events, ${truth.run.rows} of a whole question`)

  function judge(what: string, endings: ClientEnding[], mayBreak: boolean): number {
    for (const { of, ending } of endings) {
      if (ending.complete) {
        const isRight = ending.digest === truth[of].digest
        if (!isRight)
          failures.push(`${what}: ${of} complete with ${ending.rows} rows that are not the right ones`)
      } else if (!mayBreak || !canBeRetried(ending))
        failures.push(`${what}: a client of ${of} ended with ${ending.code}`)
    }
    const complete = endings.filter(({ ending }) => ending.complete).length
    say(`${what}: ${complete} of ${endings.length} clients complete`)
    return complete
  }

  for (let run = 0; run < Number(values.runs); run++) {
    const seed = firstSeed + run
    const [first, second] = [stageOf(2 * run), stageOf(2 * run + 1)]
    say(`seed ${seed}, workers only`)
    judge(`seed ${seed}, workers only`, await runOnce(stack, createRandom(seed), first, [], say), false)
    say(`seed ${seed}, workers and Redis`)
    const endings = await runOnce(stack, createRandom(seed + 0x5eed), second, redis.nodes, say)
    restarted.clients += endings.length
    restarted.complete += judge(`seed ${seed}, workers and Redis`, endings, true)
  }
} catch (cause) {
  failures.push(cause instanceof Error ? (cause.stack ?? cause.message) : String(cause))
} finally {
  await stack.stop()
  await redis.remove()
}

if (restarted.complete < restarted.clients * 0.9) {
  failures.push(
    `With Redis restarted only ${restarted.complete} of ${restarted.clients} clients were complete`,
  )
}
function stageOf(half: number): RunStage {
  return RUN_STAGES[half % RUN_STAGES.length]!
}

/** What every client must end with; without a disturbance all clients of a kind agree. */
function truthOf(endings: readonly ClientEnding[]) {
  function of(kind: ClientEnding['of']) {
    const own = endings.flatMap((each) => (each.of === kind ? [each.ending] : []))
    const [first] = own
    if (!first?.complete) throw new Error(`The undisturbed ${kind} ended ${JSON.stringify(first)}`)
    const differs = own.find((each) => !each.complete || each.digest !== first.digest)
    if (differs) {
      throw new Error(`Undisturbed clients of ${kind} differ: ${JSON.stringify([first, differs])}`)
    }
    return first
  }
  return { events: of('events'), run: of('run') }
}

/** Retries where resuming cannot help: a job that lost its worker has ended, but can be asked again. */
function canBeRetried({ code, retryable }: Exclude<Ending, { complete: true }>): boolean {
  return retryable || (isTraceErrorCode(code) && TRACE_ERRORS[code].retryable)
}

interface RunningRedis {
  nodes: TestRedis[]
  env: Record<string, string>
  remove: () => Promise<void>
}

async function startRedis(): Promise<RunningRedis> {
  if (values.cluster) {
    const { masters, nodes, remove } = await startTestCluster(3, { isPersistent: true })
    return { nodes: masters, env: { REDIS_CLUSTER_NODES: nodes.join(',') }, remove }
  }
  const server = await startTestRedis({ isPersistent: true })
  return { nodes: [server], env: { REDIS_URL: server.url }, remove: server.remove }
}

for (const failure of failures) console.error(failure)
say(failures.length === 0 ? `chaos passed, seed ${firstSeed}` : `chaos FAILED, seed ${firstSeed}`)
process.exit(failures.length === 0 ? 0 : 1)
