import { createMemoryJobQueue } from '../mock-server/adapters/memory/createMemoryJobQueue.js'
import { identityCodec } from '../mock-server/adapters/memory/identityCodec.js'
import { systemClock } from '../src/async/clock.js'
import { composeServer, keepInMemory } from '../mock-server/composeServer.js'
import type { TraceApi } from '../mock-server/http/createTraceApi.js'
import type { StatusNames } from '../mock-server/http/statusNames.js'
import type { Clock, JobHandler, PartialSource } from '../mock-server/ports/index.js'
import { checkSource } from '../mock-server/services/source/checkSource.js'
import { runJob } from '../mock-server/services/worker/runJob.js'
import { DEFAULT_SETTINGS, type TraceSettings } from '../mock-server/ports/TraceDeps.js'

/** Enough for tests and stories; more would hide a leak. */
const LIMIT_BYTES = 256 * 2 ** 20

export interface TestBackendOptions {
  source: PartialSource
  /** Default: the machine's own time. */
  clock?: Clock
  /** Settings that differ from the server's defaults. */
  settings?: Partial<TraceSettings>
  /** `rq`: the original service's names of job states. */
  statusNames?: StatusNames
  /** Stands between the queue and the worker. */
  wrapWorker?: (work: JobHandler) => JobHandler
}

/** The real services over memory, in this thread: what runs behind the mocks. */
export function createTestBackend(options: TestBackendOptions): {
  api: TraceApi
  close: () => Promise<void>
} {
  const { clock = systemClock, statusNames, wrapWorker = (work) => work } = options
  const checked = checkSource(options.source)
  // Questions of tests are tiny: none is small, or no job would wait for another.
  const settings: TraceSettings = { ...DEFAULT_SETTINGS, smallQuestionLimit: 0, ...options.settings }
  const codec = identityCodec
  const memory = keepInMemory({ clock, settings, limitBytes: LIMIT_BYTES })
  const { log, store, questions } = memory

  const work: JobHandler = async (attempt) => {
    await runJob(attempt, { ...checked, log, store, codec, clock, settings })
  }
  const queue = createMemoryJobQueue({
    handler: wrapWorker(work),
    log,
    clock,
    workers: 1,
    timeoutMs: settings.jobTimeoutSeconds * 1000,
  })
  const server = composeServer({
    ...{ ...checked, codec, clock, settings, memory, api: { statusNames } },
    jobs: { log, store, questions, queue },
  })

  return {
    api: server.api,
    async close() {
      server.stop()
      await queue.close()
    },
  }
}
