import { joinBytesInSteps } from '../../src/json/bytes.js'
import type { StoredChunk } from '../ports/index.js'
import { cancelJob } from './jobs/cancelJob.js'
import { checkHealth } from './health/checkHealth.js'
import { createChunkWindow } from './log/createChunkWindow.js'
import { createDurationEstimate } from './jobs/createDurationEstimate.js'
import { createSlices } from '../../src/async/slices.js'
import { createStartRun } from './run/createStartRun.js'
import { createStartEvents } from './events/createStartEvents.js'
import { exportDomain, type ExportOptions } from './jobs/exportDomain.js'
import { exportLegacyDomain } from './legacy/exportLegacyDomain.js'
import { getJobStatus } from './jobs/getJobStatus.js'
import {
  legacyStatus,
  openLegacyStream,
  orLegacy,
  readLegacyResult,
  refuseLegacy,
} from './legacy/legacyJob.js'
import type { Reading, RequestContext } from './questions/parseRequest.js'
import { openJobStream, type StreamOptions } from './jobs/openJobStream.js'
import { readEventsRequest } from './events/readEventsRequest.js'
import { readRunRequest } from './run/readRunRequest.js'
import { readJobResult, type ResultPage } from './jobs/readJobResult.js'
import { withRunDomains } from './source/runDomains.js'
import { retryJob } from './events/retryJob.js'
import { readSeedRequest, type SeedRequest } from './stages/readSeedRequest.js'
import { resolveSeeds } from './stages/resolveSeeds.js'
import { readLineageRequest, traceLineage, type LineageRequest } from './stages/traceLineage.js'
import { aggregateAgain, readLossReasons } from './run/aggregateAgain.js'
import { traceJobLineage } from './run/traceJobLineage.js'
import type { Caller, TraceDeps } from '../ports/TraceDeps.js'

/** Every use case, ready to be called: what the HTTP layer knows of this server. */
export function createTraceServices(deps: TraceDeps) {
  const durations = createDurationEstimate(deps)
  const description = withRunDomains(deps.description)
  const slices = createSlices(deps.clock)
  const sliced = { ...deps, slices }
  const context: RequestContext = {
    codec: deps.codec,
    batchSize: deps.settings.idBatchSize,
    description: deps.description,
  }
  const read =
    <T>(reading: (body: Uint8Array, context: RequestContext) => Reading<T>) =>
    (parts: Uint8Array[]): Promise<T> =>
      slices.run(
        (function* () {
          return yield* reading(yield* joinBytesInSteps(parts), context)
        })(),
      )
  const { legacy } = deps
  const followed = { ...deps, durations, window: createChunkWindow(deps.log) }
  return {
    /** Each reads a request's body, which comes in parts. */
    readSeedRequest: read(readSeedRequest),
    readLineageRequest: read(readLineageRequest),
    readEventsRequest: read(readEventsRequest),
    readRunRequest: read(readRunRequest),
    readLossReasons: read(readLossReasons),
    describe: () => description,
    resolveSeeds: (request: SeedRequest, caller: Caller) => resolveSeeds(sliced, request, caller),
    traceLineage: (request: LineageRequest, caller: Caller, minimal: boolean) =>
      traceLineage(sliced, request, caller, minimal),
    startEvents: createStartEvents(sliced, durations),
    startRun: createStartRun(deps, durations),
    traceJobLineage: (jobId: string, containerIds: readonly string[], caller: Caller) =>
      traceJobLineage(sliced, jobId, containerIds, caller),
    aggregateAgain: (jobId: string, lossReasons: string[] | null, caller: Caller) =>
      aggregateAgain(sliced, jobId, lossReasons, caller),
    getJobStatus: (jobId: string, owner: string) =>
      orLegacy(
        legacy,
        { jobId, owner },
        () => getJobStatus(deps, durations, jobId, owner),
        async (job) => legacyStatus(job, deps.clock.now()),
      ),
    readJobResult: (jobId: string, owner: string, page: ResultPage) =>
      orLegacy(
        legacy,
        { jobId, owner },
        () => readJobResult(deps, jobId, owner, page),
        (job, results) => readLegacyResult(job, results, page),
      ),
    exportDomain: (jobId: string, owner: string, options: ExportOptions) =>
      orLegacy(
        legacy,
        { jobId, owner },
        () => exportDomain({ ...sliced, description }, jobId, owner, options),
        (job, results) => exportLegacyDomain(job, results, options, { ...sliced, description }),
      ),
    openJobStream: (jobId: string, options: StreamOptions) =>
      orLegacy(
        legacy,
        { jobId, owner: options.owner },
        () => openJobStream(followed, jobId, options),
        (job, results) => openLegacyStream(job, results, deps.warn),
      ),
    cancelJob: (jobId: string, caller: { owner: string; ticket: string | null }) =>
      orLegacy(
        legacy,
        { jobId, owner: caller.owner },
        () => cancelJob(deps, durations, jobId, caller),
        refuseLegacy,
      ),
    retryJob: (jobId: string, owner: string) =>
      orLegacy(legacy, { jobId, owner }, () => retryJob(deps, jobId, owner), refuseLegacy),
    checkHealth: () => checkHealth(deps),
    /** Text of a stored chunk, for readers that do not take it as it is. */
    decode(chunk: StoredChunk) {
      try {
        return deps.codec.decode(chunk)
      } catch (cause) {
        deps.warn?.(`A stored chunk is damaged: ${String(cause)}`)
        throw cause
      }
    },
    clock: deps.clock,
  }
}

export type TraceServices = ReturnType<typeof createTraceServices>
