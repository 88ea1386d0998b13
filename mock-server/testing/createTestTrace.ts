import { expect } from 'vitest'
import { createManualClock } from './createManualClock.js'
import { createMemoryJobQueue } from '../adapters/memory/createMemoryJobQueue.js'
import { openParquetFile } from '../adapters/parquet/openParquetFile.js'
import { zlibCodec } from '../adapters/zlib/zlibCodec.js'
import { composeServer, keepInMemory } from '../composeServer.js'
import type { TraceApiOptions } from '../http/createTraceApi.js'
import type { JobAttempt, JobQueue, PartialSource } from '../ports/index.js'
import { checkSource } from '../services/source/checkSource.js'
import { runJob } from '../services/worker/runJob.js'
import type { RunDeps } from '../services/worker/RunDeps.js'
import { DEFAULT_SETTINGS, type TraceSettings } from '../ports/TraceDeps.js'
import { answerProblems } from './answerProblems.js'
import { scriptedSource } from './scriptedSource.js'

export interface TestTraceOptions extends TraceApiOptions {
  source?: PartialSource
  settings?: Partial<TraceSettings>
  /** Workers of the queue; default 1. */
  workers?: number
  limitBytes?: number
  memoryUsedMb?: () => number
  /** Makes the server's queue of the one in memory: one that loses jobs, for example. */
  queueOf?: (queue: JobQueue) => JobQueue
}

/** The whole server below HTTP connections, in memory, at a standing clock. */
export function createTestTrace(options: TestTraceOptions = {}) {
  const {
    source: given = scriptedSource(),
    workers = 1,
    limitBytes = 64 * 2 ** 20,
    memoryUsedMb,
    queueOf = (queue) => queue,
    ...api
  } = options
  const { source, description } = checkSource(given)
  // Questions of tests are tiny: none is small, or no job would wait for another.
  const settings: TraceSettings = { ...DEFAULT_SETTINGS, smallQuestionLimit: 0, ...options.settings }
  const clock = createManualClock()
  const codec = zlibCodec
  const memory = keepInMemory({ clock, settings, limitBytes })
  const { budget, store, questions, log } = memory
  const warnings: string[] = []
  const warn = (message: string) => void warnings.push(message)

  const runDeps: RunDeps = {
    log,
    source,
    description,
    codec,
    clock,
    settings,
    store,
    warn,
  }
  const handler = async (attempt: JobAttempt) => void (await runJob(attempt, runDeps))
  const timeoutMs = settings.jobTimeoutSeconds * 1000
  const queue = queueOf(createMemoryJobQueue({ handler, log, clock, workers, timeoutMs, warn }))
  const server = composeServer({
    ...{ source, description, codec, clock, settings, memoryUsedMb, warn, api, memory },
    openParquet: openParquetFile,
    jobs: { log, store, questions, queue },
  })

  /** Asks, and makes sure that the answer is one the OpenAPI document knows. */
  async function call(path: string, init: RequestInit = {}): Promise<Response> {
    const request = new Request(`http://localhost${path}`, init)
    const response = await server.api(request)
    expect(await answerProblems(request, response), 'against docs/openapi.json').toEqual([])
    return response
  }

  return {
    ...server.deps,
    services: server.services,
    stop: server.stop,
    runDeps,
    warnings,
    clock,
    budget,
    call,

    post(stage: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
      return call(`/api/trace/${stage}`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      })
    },

    /** Waits until a job has ended. */
    async ended(jobId: string) {
      for (;;) {
        const job = await log.snapshot(jobId)
        if (job === null || job === 'expired') throw new Error(`the job is ${job}`)
        if (job.completedAtMs !== null) return job
        await log.changed(jobId, job, new AbortController().signal)
      }
    },
  }
}

export type TestTrace = ReturnType<typeof createTestTrace>
