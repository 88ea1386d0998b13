import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterEach, expect, it, vi } from 'vitest'

// Nearly a gigabyte is sent, and what stalls is waited for.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 60_000 })

const ROOT = new URL('..', import.meta.url).pathname
const EVENTS = { profile: 'query_tool', container_ids: ['A'], domains: ['history'] }
/** A body that fits, and what comes of it before its sender stalls. */
const BODY_BYTES = 66e6
const SENT_BYTES = 62e6
const SENDERS = 14

let server: ChildProcess | null = null
afterEach(() => void server?.kill('SIGKILL'))

/** The embedded server, with a heap of 512 MB, in a process of its own. */
async function start(environment: Record<string, string> = {}) {
  const child = spawn(
    process.execPath,
    ['--max-old-space-size=512', '--import', 'tsx', 'mock-server/main.ts'],
    {
      cwd: ROOT,
      env: { PATH: process.env.PATH, PORT: '0', LOG_LEVEL: 'silent', ...environment },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  server = child
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (data: Buffer) => {
      const address = /http:\/\/[\d.:]+/.exec(data.toString())?.[0]
      if (address) resolve(address)
    })
    child.once('exit', (code) => reject(new Error(`the server ended with code ${code}`)))
  })
  const isAlive = () => child.exitCode === null && child.signalCode === null
  const post = (stage: string, body: string) =>
    fetch(`${url}/api/trace/${stage}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body,
    })
  return { url, isAlive, post }
}

async function ended(url: string): Promise<string> {
  for (;;) {
    const { status, completed_at } = (await (await fetch(url)).json()) as Record<string, unknown>
    if (completed_at !== null) return status as string
    await new Promise((resolve) => setTimeout(resolve, 1_500))
  }
}

it('a question with three million params ends neither the server nor what others have', async () => {
  const { url, isAlive, post } = await start()
  const others = (await (await post('events-async', JSON.stringify(EVENTS))).json()) as Record<string, string>
  expect(await ended(url + others.status_url)).toBe('completed')
  const result = await (await fetch(url + others.result_url)).text()

  const keys = Array.from({ length: 3_000_000 }, (_, i) => `"k${i}":1`).join(',')
  const body = `${JSON.stringify({ ...EVENTS, container_ids: ['B'] }).slice(0, -1)},"params":{${keys}}}`
  const job = (await (await post('events-async', body)).json()) as Record<string, string>
  expect(await ended(url + job.status_url)).toBe('completed')
  expect(isAlive()).toBe(true)
  expect(await (await fetch(url + others.result_url)).text()).toBe(result)
})

/** Sends most of a body, and then nothing more; resolves with the status it is answered with, or `null` for none. */
async function sendHalf(url: string): Promise<{ status: Promise<number | null>; socket: Socket }> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  await once(socket, 'connect')
  const status = new Promise<number | null>((resolve) => {
    let head = ''
    socket.on('data', (data: Buffer) => {
      head += data.toString('latin1')
      const found = /^HTTP\/1\.1 (\d+)/.exec(head)
      if (found) resolve(Number(found[1]))
    })
    socket.on('close', () => resolve(null))
    socket.on('error', () => resolve(null))
  })
  socket.write(
    `POST /api/trace/events HTTP/1.1\r\nHost: ${hostname}\r\nContent-Type: application/json\r\nContent-Length: ${BODY_BYTES}\r\n\r\n`,
  )
  socket.write(Buffer.alloc(SENT_BYTES, ' '))
  return { status, socket }
}

it('half-sent bodies end no server: what it cannot hold is refused, what stalls is given up, others are answered', async () => {
  const { url, isAlive, post } = await start()
  const senders = await Promise.all(Array.from({ length: SENDERS }, () => sendHalf(url)))
  const seen: (number | null)[] = []
  for (const { status } of senders) void status.then((code) => seen.push(code))
  // Two fit into twice the largest body that may be sent.
  await vi.waitFor(() => expect(seen.length).toBeGreaterThanOrEqual(SENDERS - 2), 120_000)
  expect(isAlive()).toBe(true)
  expect((await fetch(`${url}/healthz`)).status).toBe(200)
  expect((await post('events', JSON.stringify(EVENTS))).status).toBe(200)

  const statuses = await Promise.all(senders.map(({ status }) => status))
  // On a machine that has other things to do, some may be given up before there is no more room.
  expect(statuses).toContain(503)
  expect(statuses.filter((code) => code !== 503 && code !== 408)).toEqual([])
  // What they held is free again.
  const large = `${JSON.stringify(EVENTS).slice(0, -1)},"note":"${'x'.repeat(6e7)}"}`
  await vi.waitFor(async () => expect((await post('events', large)).status).toBe(200), {
    timeout: 60_000,
    interval: 1_000,
  })
  expect(isAlive()).toBe(true)
  for (const { socket } of senders) socket.destroy()
})
