import { fork, type ChildProcess } from 'node:child_process'
import type { Logger } from 'pino'
import type { WorkerTakes } from './adapters/redis/workRedisQueue.js'

export interface SupervisorOptions {
  /** What a worker process runs, with `--one`. */
  entry: string
  /** Worker processes. */
  count: number
  /** Whether one more takes small jobs alone. */
  hasSmall: boolean
  /** Most JavaScript heap of each, in MB. */
  heapMb: number
  logger: Logger
}

const LEAST_PAUSE_MS = 200
const MOST_PAUSE_MS = 30_000
/** A worker that lived so long did not fail because of how it was begun. */
const SOUND_AFTER_MS = 10_000
/**
 * Where new objects go, in MB. The default of 16 costs 20 MB of resident memory and gains nothing here; with 4 the
 * whole is no smaller.
 */
const SEMI_SPACE_MB = 8
/** One arena for the C library: an arena of its own for each of Node's threads costs 10 MB and gains nothing here. */
const MALLOC = { MALLOC_ARENA_MAX: '1' }
/** How long workers may take to hand their jobs back. */
const STOP_WITHIN_MS = 20_000

/**
 * Keeps worker processes running. One that ends is begun again, at once or, when
 * it ends again and again, after ever longer pauses. `SIGTERM` and `SIGINT` are passed on.
 */
export function superviseWorkers({ entry, count, hasSmall, heapMb, logger }: SupervisorOptions) {
  const workers = new Set<ChildProcess>()
  let isStopping = false

  function begin(takes: WorkerTakes, pauseMs: number) {
    if (isStopping) return
    const beganAtMs = performance.now()
    const worker = fork(entry, ['--one', `--takes=${takes}`], {
      env: { ...MALLOC, ...process.env },
      execArgv: [
        ...process.execArgv,
        `--max-old-space-size=${heapMb}`,
        `--max-semi-space-size=${SEMI_SPACE_MB}`,
      ],
    })
    workers.add(worker)
    worker.once('exit', (code, signal) => {
      workers.delete(worker)
      if (isStopping) return endWhenEmpty()
      const isSound = performance.now() - beganAtMs >= SOUND_AFTER_MS
      const nextPauseMs = isSound ? LEAST_PAUSE_MS : Math.min(pauseMs * 2, MOST_PAUSE_MS)
      logger.warn({ pid: worker.pid, code, signal, nextPauseMs }, 'worker ended; it is begun again')
      setTimeout(() => begin(takes, nextPauseMs), nextPauseMs)
    })
  }

  function endWhenEmpty() {
    if (workers.size === 0) process.exit(0)
  }

  function stop() {
    isStopping = true
    for (const worker of workers) worker.kill('SIGTERM')
    setTimeout(() => {
      for (const worker of workers) worker.kill('SIGKILL')
    }, STOP_WITHIN_MS).unref()
    endWhenEmpty()
  }

  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  logger.info({ count, pid: process.pid }, 'supervisor begins workers')
  for (let n = 0; n < count; n++) begin(hasSmall ? 'large' : 'all', LEAST_PAUSE_MS / 2)
  // A process of its own: beside a large job on one thread, three lots took 2 s instead of 0.3.
  if (hasSmall) begin('small', LEAST_PAUSE_MS / 2)
}
