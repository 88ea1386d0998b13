import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import type { WorkerTakes } from '../adapters/redis/workRedisQueue.js'

const ROOT = resolve(import.meta.dirname, '../..')

/** A worker of the queue, as a process of its own. */
export async function startTestWorker(environment: Record<string, string>, takes: WorkerTakes = 'all') {
  const args = ['--import', 'tsx', 'mock-server/worker.ts', '--one', `--takes=${takes}`]
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    env: { PATH: process.env.PATH, LOG_LEVEL: 'info', ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  let log = ''
  await new Promise<void>((ready, reject) => {
    ended.then(() => reject(new Error(`the worker has ended: ${log}`)), reject)
    child.stdout.on('data', (data: Buffer) => {
      log += data.toString()
      if (log.includes('worker takes jobs')) ready()
    })
  })

  return {
    log: () => log,
    async close() {
      child.kill('SIGTERM')
      await ended
    },
  }
}

export type TestWorker = Awaited<ReturnType<typeof startTestWorker>>
