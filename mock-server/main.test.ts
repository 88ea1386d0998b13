import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { parseLines } from './testing/readLines.js'
import { startTestRedis } from './testing/startTestRedis.js'
import { startTestWorker } from './testing/startTestWorker.js'
import { describeWithRedis } from './testing/testRedis.js'

/** A factory of the user's own: a lot is found by its name, became one other, and both have one row. */
const PLANT = `
import { appendFileSync } from 'node:fs'
const say = (text) => appendFileSync(new URL('said.txt', import.meta.url), text + '\\n')
export default {
  source: async () => ({
    describe: () => ({
      profiles: [
        {
          name: 'where_used',
          stages: ['seeds', 'lineage', 'events'],
          direction: 'forward',
          seeds: { types: [{ value: 'batch' }] },
          domains: ['passes'],
        },
      ],
      domains: [{ name: 'passes', columns: [{ name: 'CONTAINERID', kind: 'id' }, { name: 'STEP', kind: 'text' }] }],
    }),
    async resolveSeeds({ values }) {
      const seeds = values.map((lot) => ({ container_id: 'C-' + lot, container_name: lot, lot_id: lot }))
      return { seeds, matched: values, next: null }
    },
    async lineage(ids, direction) {
      const childrenMap = new Map(ids.map((id) => [id, [id + '-1']]))
      return { direction, roots: ids, childrenMap, leafSerials: new Map(), names: new Map(), nodes: [], edges: [] }
    },
    async *events(domain, ids) {
      yield ids.map((id) => ({ CONTAINERID: id, STEP: '焊接' }))
    },
    close: async () => say('closed'),
  }),
  identify: (request) => request.headers.get('x-user'),
  allowedOrigins: ['https://mes.example'],
}
`

vi.setConfig({ testTimeout: 60_000 })

const ROOT = new URL('..', import.meta.url).pathname
const TSX = import.meta.resolve('tsx')
const running = new Set<ChildProcess>()

/** A folder with its config file. */
function plant(config = PLANT): string {
  const dir = mkdtempSync(join(tmpdir(), 'trace-plant-'))
  writeFileSync(join(dir, 'trace.config.mjs'), config)
  return dir
}

/** Asks a server of this factory as a stranger, then as somebody it knows, from a page it knows. */
async function askPlant(url: string) {
  const ask = (user: Record<string, string>) =>
    fetch(`${url}/api/trace/run`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Origin: 'https://mes.example', ...user },
      body: JSON.stringify({ profile: 'where_used', params: { resolve_type: 'batch', values: ['甲'] } }),
    })
  expect((await ask({})).status).toBe(401)
  const accepted = await ask({ 'X-User': 'eve' })
  expect(accepted.headers.get('Access-Control-Allow-Origin')).toBe('https://mes.example')
  const { follow_url } = (await accepted.json()) as { follow_url: string }
  const following = await fetch(url + follow_url, { headers: { 'X-User': 'eve' } })
  const lines = parseLines(await following.text())
  expect(lines.filter(({ type }) => type === 'records')).toMatchObject([
    { domain: 'seeds' },
    { domain: 'passes', data: ['C-甲', 'C-甲-1'].map((CONTAINERID) => ({ CONTAINERID, STEP: '焊接' })) },
  ])
  expect(lines.at(-1)).toMatchObject({ type: 'complete' })
}

/** The server's process, with nothing of the tests' environment but the path. */
function start(environment: Record<string, string> = {}, args: string[] = [], cwd = ROOT) {
  const child = spawn(process.execPath, ['--import', TSX, join(ROOT, 'mock-server/main.ts'), ...args], {
    cwd,
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

  it('never repeats a password that it cannot read', async () => {
    const server = start({ REDIS_URL: 'redis://:SECRET#1@localhost:6379/0' })
    expect(await server.ended).toBe(1)
    expect(server.complained()).toMatch(/^REDIS_URL must be [^\n]+%23[^\n]+\.\n$/)
    expect(server.complained()).not.toContain('SECRET')
  })

  it('ends with one sentence for proxies that Express does not know', async () => {
    const server = start({ TRUST_PROXY_HEADERS: 'true', TRUSTED_PROXY_IPS: '10.0.0.0/33' })
    expect(await server.ended).toBe(1)
    expect(server.complained()).toMatch(/^TRUSTED_PROXY_IPS must be [^\n]+, not "10\.0\.0\.0\/33"\.\n$/)
  })

  it('ends with one sentence when .env says nothing it understands, and does not start on defaults', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'trace-env-'))
    writeFileSync(join(dir, '.env'), 'PORT: 1\n')
    const server = start({}, [], dir)
    expect(await server.ended).toBe(1)
    expect(server.complained()).toBe(
      'Line 1 of .env must set a variable, as in PORT=8787, or be a # comment.\n',
    )
    rmSync(dir, { recursive: true })
  })

  it.each([
    [['--prot', '1'], '--prot is no option. --help lists what there is.\n'],
    [['--port', 'x'], 'PORT must be a whole number from 0 to 65535, not "x".\n'],
    [['--config', '/nowhere.js'], '/nowhere.js is not there: name a config file that is, or none.\n'],
  ])('ends with one sentence for a command line that cannot be used: %j', async (args, sentence) => {
    const server = start({}, args)
    expect(await server.ended).toBe(1)
    expect(server.complained()).toBe(sentence)
  })

  it('runs on a source of the user, in the server and in the threads of its jobs', async () => {
    const dir = plant()
    const server = start({}, [], dir)
    await askPlant(await server.address())
    server.child.kill('SIGTERM')
    expect(await server.ended).toBe(0)
    // Of the job's thread, and of the server.
    expect(readFileSync(join(dir, 'said.txt'), 'utf8')).toBe('closed\nclosed\n')
    rmSync(dir, { recursive: true })
  })

  it('keeps the answers of a job whose source cannot be closed', async () => {
    const dir = plant(PLANT.replace("say('closed')", "{ throw new Error('the pool is gone') }"))
    const server = start({}, [], dir)
    await askPlant(await server.address())
    server.child.kill('SIGTERM')
    expect(await server.ended).toBe(0)
    // Of the job's thread or of the server, whose last line may not be written any more.
    expect(server.said()).toMatch(/The source was not closed: Error: the pool is gone/)
    rmSync(dir, { recursive: true })
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

describeWithRedis('the server and a worker as processes', () => {
  it('run on a source of the user', async () => {
    const redis = await startTestRedis()
    const dir = plant()
    const environment = { REDIS_URL: redis.url, TRACE_CONFIG: join(dir, 'trace.config.mjs') }
    const worker = await startTestWorker(environment)
    const server = start(environment)
    await askPlant(await server.address())
    await worker.close()
    // The server holds a source of its own, which is still open.
    expect(readFileSync(join(dir, 'said.txt'), 'utf8')).toBe('closed\n')
    server.child.kill('SIGTERM')
    expect(await server.ended).toBe(0)
    rmSync(dir, { recursive: true })
    await redis.remove()
  })

  it('end when they are told to, though the source never says that it is closed', async () => {
    const redis = await startTestRedis()
    const dir = plant(PLANT.replace("say('closed')", 'new Promise(() => {})'))
    const worker = await startTestWorker({
      REDIS_URL: redis.url,
      TRACE_CONFIG: join(dir, 'trace.config.mjs'),
    })
    await worker.close()
    expect(worker.log()).toContain('The source was not closed')
    rmSync(dir, { recursive: true })
    await redis.remove()
  })
})
