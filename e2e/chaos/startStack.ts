import { spawn, type ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '../..')

/** A server and its workers, as an operator runs them: separate processes over one Redis. */
export interface Stack {
  url: string
  /** Pids of the workers there are at the moment. */
  workers: () => number[]
  stop: () => Promise<void>
}

/** Starts the built server and the workers' supervisor; `npm run build:server` first. */
export async function startStack(env: Record<string, string>, workerCount: number): Promise<Stack> {
  const server = run('main.js', { ...env, PORT: '0' })
  const supervisor = run('worker.js', { ...env, TRACE_WORKER_COUNT: String(workerCount) })
  const url = await addressOf(server)
  await ready(url)
  return {
    url,
    workers: () => childrenOf(supervisor.pid!),
    async stop() {
      // A paused worker cannot hear that it is to stop.
      for (const pid of childrenOf(supervisor.pid!)) signal(pid, 'SIGCONT')
      await Promise.all([server, supervisor].map(end))
    },
  }
}

/** Sends a signal to a process that may have ended. */
export function signal(pid: number, name: NodeJS.Signals) {
  try {
    process.kill(pid, name)
  } catch {
    // It has.
  }
}

function run(bundle: string, env: Record<string, string>): ChildProcess {
  return spawn(process.execPath, [join(ROOT, 'mock-server/dist', bundle)], {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', process.env.CHAOS_LOGS ? 'inherit' : 'ignore'],
  })
}

function addressOf(server: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = ''
    server.stdout!.on('data', (data: Buffer) => {
      said += data.toString()
      const address = /http:\/\/[\w.:[\]-]+/.exec(said)
      if (address) resolve(address[0])
    })
    server.once('exit', (code) => reject(new Error(`The server ended with code ${code}:\n${said}`)))
  })
}

async function ready(url: string) {
  for (let tries = 0; tries < 100; tries++) {
    const response = await fetch(`${url}/readyz`).catch(() => null)
    await response?.body?.cancel()
    if (response?.ok) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error('The server is not ready after 10 s: are there workers?')
}

function childrenOf(pid: number): number[] {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    return children.split(' ').flatMap((child) => (child ? [Number(child)] : []))
  } catch {
    return []
  }
}

function end(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve()
    child.once('exit', () => resolve())
    child.kill('SIGTERM')
  })
}
