import { systemClock as clock } from '../src/async/clock.js'
import { runJobThread } from './adapters/threads/runJobThread.js'
import { zlibCodec as codec } from './adapters/zlib/zlibCodec.js'
import { closeSource } from './closeSource.js'
import type { SourceSettings } from './config.js'
import { openSource } from './openSource.js'
import { runJob } from './services/worker/runJob.js'
import type { RunDeps } from './services/worker/RunDeps.js'

/** What a job's thread is told of the configuration. */
export interface JobSetup {
  settings: RunDeps['settings']
  source: SourceSettings
}

/** The entry of the threads that jobs run in. */
await runJobThread(async (attempt, { log, store, warn }, setup) => {
  const { settings, source } = setup as JobSetup
  const checked = await openSource(source)
  try {
    await runJob(attempt, { ...checked, log, codec, clock, settings, store, warn })
  } finally {
    await closeSource(checked, warn)
  }
})
