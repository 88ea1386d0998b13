import { spawn, type ChildProcess } from 'node:child_process'
import { createServer, type AddressInfo } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { parseLines } from './testing/readLines.js'

vi.setConfig({ testTimeout: 60_000 })

const ROOT = new URL('..', import.meta.url).pathname
const running = new Set<ChildProcess>()

/** The server's process, with nothing of the tests' environment but the path. */
function start(environment: Record<string, string> = {}, args: string[] = []) {
  const child = spawn(process.execPath, ['--import', 'tsx', 'mock-server/main.ts', ...args], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, PORT: '0', LOG_LEVEL: 'warn', ...environment },
  })
  running.add(child)
  let said = ''
  let complained = ''
  child.stdout.on('data', (data: Buffer) => (said += data.toString()))
  child.stderr.on('data', (data: Buffer) => (complained += data.toString()))
  const ended = new Promise<number | null>((resolve) => {
    child.once('exit', (code) => {
      running.delete(child)
      resolve(code)
    })
  })
  return {
    child,
    ended,
    said: () => said,
    complained: () => complained,
    address: () =>
      vi.waitFor(() => {
        const url = /http:\/\/[\d.:]+/.exec(said)?.[0]
        if (!url) throw new Error(`no address yet: ${said}${complained}`)
        return url
      }, 30_000),
  }
}

afterEach(() => {
  for (const child of running) child.kill('SIGKILL')
})

describe('the server as a process', () => {
  it('ends at once, with one sentence that names the variable, when a value cannot be used', async () => {
    const server = start({ TRACE_QUEUE_LIMIT: 'lots' })
    expect(await server.ended).toBe(1)
    expect(server.complained()).toBe(
      'TRACE_QUEUE_LIMIT must be a whole number from 0 to 1000000, not "lots".\n',
    )
    expect(server.said()).toBe('')
  })

  it('ends with one sentence when its port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => other.once('listening', resolve))
    const { port } = other.address() as AddressInfo
    const server = start({ PORT: String(port) })
    expect(await server.ended).toBe(1)
    expect(server.complained()).toBe(
      `Port ${port} of 127.0.0.1 is taken: stop what listens there, or set PORT to another.\n`,
    )
    other.close()
  })

  it('explains itself with --help', async () => {
    const server = start({}, ['--help'])
    expect(await server.ended).toBe(0)
    expect(server.said()).toContain('TRACE_ASYNC_CID_THRESHOLD')
  })

  it('prints its address, and stops when told to: followers are sent away, to resume later', async () => {
    const server = start()
    const url = await server.address()
    const body = { profile: 'query_tool', container_ids: ['CID-HANG'], domains: ['history'] }
    const accepted = await fetch(`${url}/api/trace/events-async`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    })
    const { follow_url } = (await accepted.json()) as { follow_url: string }
    const following = await fetch(url + follow_url)
    server.child.kill('SIGTERM')
    const lines = parseLines(await following.text())
    expect(lines[0]).toMatchObject({ type: 'meta' })
    expect(lines.at(-1)).toMatchObject({ type: 'error', code: 'STORE_UNAVAILABLE', retryable: true })
    expect(await server.ended).toBe(0)
  })
})
