/**
 * A generator of load, in a process of its own so that its processor time can be told apart, and so that reading the
 * followers' streams does not delay the pollers' clocks. Reads what to do from its first argument and sends back what
 * it saw.
 */
import { get, Agent } from 'node:http'

export interface LoadTask {
  url: string
  followUrl: string
  statusUrl: string
  followers: number
  pollers: number
  seconds: number
}

export interface LoadReport {
  requests: number
  errors: number
  /** What followers were sent, in MB (10⁶ bytes). */
  followedMb: number
  /** Errors by what they were, for the report. */
  kinds: Record<string, number>
  p50Ms: number
  p99Ms: number
  cpuMs: number
}

const POLL_EVERY_MS = 3_000

const task = JSON.parse(process.argv[2]!) as LoadTask
const agent = new Agent({ keepAlive: true, maxSockets: Infinity })
const untilMs = Date.now() + task.seconds * 1000
const latencies: number[] = []
const kinds: Record<string, number> = {}
let followedBytes = 0
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

function fault(kind: string) {
  kinds[kind] = (kinds[kind] ?? 0) + 1
}

function read(
  path: string,
  client: number,
  pool: Agent | undefined,
  onData: (bytes: number) => void = () => {},
): Promise<number> {
  const headers = {
    'X-Forwarded-For': `10.${(client >> 16) & 255}.${(client >> 8) & 255}.${client & 255}`,
    'Accept-Encoding': 'gzip',
  }
  return new Promise((resolve, reject) => {
    get(task.url + path, { agent: pool, headers }, (response) => {
      response.on('data', (data: Buffer) => onData(data.length))
      response.on('end', () => resolve(response.statusCode!))
      response.on('error', reject)
    }).on('error', reject)
  })
}

async function poll(client: number) {
  await wait(Math.random() * POLL_EVERY_MS)
  while (Date.now() < untilMs) {
    const beganAt = performance.now()
    try {
      const status = await read(task.statusUrl, client, agent)
      latencies.push(performance.now() - beganAt)
      if (status !== 200) fault(`status ${status}`)
    } catch (cause) {
      fault(String(cause))
    }
    await wait(POLL_EVERY_MS)
  }
}

async function follow(client: number) {
  try {
    const status = await read(task.followUrl, client, undefined, (bytes) => (followedBytes += bytes))
    if (status !== 200) fault(`stream ${status}`)
  } catch (cause) {
    fault(String(cause))
  }
}

await Promise.all([
  ...Array.from({ length: task.pollers }, (_, n) => poll(n + 1)),
  ...Array.from({ length: task.followers }, (_, n) => follow(1_000_000 + n)),
])
agent.destroy()
latencies.sort((a, b) => a - b)
const at = (share: number) =>
  latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? NaN
const { user, system } = process.cpuUsage()
const report: LoadReport = {
  requests: latencies.length,
  errors: Object.values(kinds).reduce((sum, count) => sum + count, 0),
  followedMb: followedBytes / 1e6,
  kinds,
  p50Ms: at(0.5),
  p99Ms: at(0.99),
  cpuMs: (user + system) / 1000,
}
process.send!(report)
process.disconnect()
