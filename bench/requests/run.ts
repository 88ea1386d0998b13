import { spawn, type ChildProcess } from 'node:child_process'
import { request } from 'node:http'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { writeSection } from '../writeSection.js'
import { askHonest, requestKinds } from './requests.js'

/** One kind of request, ready to be sent. */
export interface RequestKind {
  name: string
  path: string
  body: string
  headers: Record<string, string>
}

/** What one request of a kind did to a server. */
interface Measured {
  /** Its answer's status and code; a server that ended has neither. */
  answer: string
  /** Most processor time of the main thread in one turn of its event loop; `null` when the server ended. */
  longestMs: number | null
}

const AT_MOST_MS = 100
/** How long a job is watched after its request was answered. */
const WATCH_JOB_MS = 5_000
const ROOT = join(import.meta.dirname, '../..')

/**
 * `npm run bench -- requests [--before ../older-tree] [--rounds 3] [--only text] [--write]`, after
 * `npm run build:server` here and there.
 */
export async function run(options: string[]) {
  const { values } = parseArgs({
    args: options,
    options: {
      before: { type: 'string' },
      rounds: { type: 'string', default: '3' },
      only: { type: 'string', default: '' },
      write: { type: 'boolean', default: false },
    },
  })
  const honest = await withServer(ROOT, ({ url }) => askHonest(url))
  const kinds = requestKinds(honest).filter(({ name }) => name.includes(values.only))
  const rows: Row[] = []
  for (const kind of kinds) {
    const before = values.before ? await measure(resolve(values.before), kind, 1) : null
    const after = await measure(ROOT, kind, Number(values.rounds))
    rows.push({ kind, before, after })
    console.log(rowOf(rows.at(-1)!))
  }
  const text = report(rows, Number(values.rounds))
  console.log(text)
  if (values.write) await writeSection('requests', text)
}

/** The longest turn of several rounds, each in front of a new server. */
async function measure(tree: string, kind: RequestKind, rounds: number): Promise<Measured> {
  let longest: Measured = { answer: '', longestMs: 0 }
  for (let round = 0; round < rounds; round++) {
    const measured = await withServer(tree, (server) => measureOnce(server, kind))
    if (measured.longestMs === null) return measured
    if (measured.longestMs >= longest.longestMs!) longest = measured
  }
  return longest
}

async function measureOnce(server: Server, kind: RequestKind): Promise<Measured> {
  const ended = new Promise<null>((resolve) => server.child.once('exit', () => resolve(null)))
  await server.tell('begin')
  const answer = await Promise.race([send(server.url, kind), ended])
  if (answer === 'a job') await Promise.race([new Promise((go) => setTimeout(go, WATCH_JOB_MS)), ended])
  if (answer === null || server.child.exitCode !== null || server.child.signalCode !== null) {
    return { answer: 'the server ends', longestMs: null }
  }
  const { longestMs } = await server.tell<{ longestMs: number }>('end')
  return { answer, longestMs }
}

/** Sends a request and reads the whole answer. */
function send(url: string, { path, body, headers }: RequestKind): Promise<string | null> {
  return new Promise((resolve) => {
    const asked = request(url + path, { method: 'POST', headers }, (response) => {
      const parts: Buffer[] = []
      response.on('data', (part: Buffer) => {
        if (parts.length < 10) parts.push(part)
      })
      response.on('end', () => resolve(describe(response.statusCode!, Buffer.concat(parts).toString())))
      response.on('error', () => resolve(null))
    })
    asked.on('error', () => resolve(null))
    asked.end(body)
  })
}

function describe(status: number, text: string): string {
  if (status === 202) return 'a job'
  const code = status < 400 ? null : /"code":"(\w+)"/.exec(text)?.[1]
  return code ? `${status} ${code}` : String(status)
}

interface Server {
  url: string
  child: ChildProcess
  /** Sends a message to `watchTurns.mjs` in the server's process, and resolves with the answer. */
  tell: <T>(message: string) => Promise<T>
}

/** Runs something in front of a tree's built server, in a process of its own. */
async function withServer<T>(tree: string, use: (server: Server) => Promise<T>): Promise<T> {
  const unlimited = ['SEED', 'LINEAGE', 'EVENTS'].map((each) => [
    `TRACE_${each}_RATE_LIMIT_MAX_REQUESTS`,
    '1000',
  ])
  const watcher = join(import.meta.dirname, 'watchTurns.mjs')
  const child = spawn(process.execPath, ['--import', watcher, join(tree, 'mock-server/dist/main.js')], {
    env: { PATH: process.env.PATH, PORT: '0', LOG_LEVEL: 'silent', ...Object.fromEntries(unlimited) },
    stdio: ['ignore', 'pipe', 'ignore', 'ipc'],
  })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout!.on('data', (data: Buffer) => {
      const address = /http:\/\/[\w.:[\]-]+/.exec(data.toString())
      if (address) resolve(address[0])
    })
    child.once('exit', (code) => reject(new Error(`The server ended with code ${code}`)))
  })
  const tell = <M>(message: string) =>
    new Promise<M>((resolve) => {
      child.once('message', (answer) => resolve(answer as M))
      child.send(message)
    })
  try {
    return await use({ url, child, tell })
  } finally {
    child.kill('SIGKILL')
    await ended
  }
}

interface Row {
  kind: RequestKind
  before: Measured | null
  after: Measured
}

function report(rows: readonly Row[], rounds: number): string {
  const date = new Date().toISOString().slice(0, 10)
  const longest = Math.max(...rows.map(({ after }) => after.longestMs ?? Infinity))
  return [
    `${date}, Node ${process.version}. The longest turn of the main thread in ms of processor time, the longest of ` +
      `${rounds} rounds; before: of one.`,
    '',
    '| request | MB | before | its answer | now | its answer |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows.map(rowOf),
    '',
    `- ${longest <= AT_MOST_MS ? 'shown' : '**not shown**'}: no turn longer than ${AT_MOST_MS} ms (longest ${Math.round(longest)} ms)`,
  ].join('\n')
}

function rowOf({ kind, before, after }: Row): string {
  const cells = [
    kind.name,
    (Buffer.byteLength(kind.body) / 1e6).toFixed(1),
    ...(before ? [milliseconds(before), before.answer] : ['', '']),
    milliseconds(after),
    after.answer,
  ]
  return `| ${cells.join(' | ')} |`
}

function milliseconds({ longestMs }: Measured): string {
  return longestMs === null ? '–' : Math.round(longestMs).toLocaleString('en')
}
