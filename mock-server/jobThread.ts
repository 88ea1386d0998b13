import { systemClock as clock } from '../src/async/clock.js'
import { createSyntheticSource } from './adapters/synthetic/createSyntheticSource.js'
import { runJobThread } from './adapters/threads/runJobThread.js'
import { zlibCodec as codec } from './adapters/zlib/zlibCodec.js'
import { runJob } from './services/worker/runJob.js'
import type { RunDeps } from './services/worker/RunDeps.js'

/** What a job's thread is told of the configuration. */
export interface JobSetup {
  settings: RunDeps['settings']
  syntheticDelayMs: number
}

/** The entry of the threads that jobs run in. */
await runJobThread(async (attempt, { log, store, warn }, setup) => {
  const { settings, syntheticDelayMs } = setup as JobSetup
  await runJob(attempt, {
    log,
    source: createSyntheticSource({ delayMsPerQuery: syntheticDelayMs }),
    codec,
    clock,
    settings,
    store,
    warn,
  })
})
