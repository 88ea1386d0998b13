import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { FACTORY, SYNCHRONOUS } from './factoryLines.js'

const TYPES: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
}

/** Paths of what is served. */
export interface ServedFiles {
  stream: string
  /** What the trace servers under `/lines/` and `/answer/` say at once; under `/original/` is one like the original. */
  lines: string
  answer: string
}

/**
 * Serves the page and the stream, as lines and as one JSON body; and, so that a whole trace can be measured
 * from click to done, the answers of a trace server that has nothing else to do.
 *
 * In a process of its own, which keeps no heap to speak of: in the one that drives the browser, with a bundler's heap,
 * every collection had V8's threads on both cores for some 30 ms, and the page waited.
 */
export async function serveBytes(
  page: string,
  files: ServedFiles,
): Promise<{ origin: string; close: () => void }> {
  const server = fork(fileURLToPath(import.meta.url), [page, JSON.stringify(files)])
  const [port] = (await Promise.race([once(server, 'message'), failed(server)])) as [number]
  return { origin: `http://127.0.0.1:${port}`, close: () => server.kill() }
}

async function failed(server: ChildProcess): Promise<never> {
  const [code] = await once(server, 'exit')
  throw new Error(`The server of the bytes has ended with code ${code}`)
}

function containerId(i: number): string {
  return `48810380${(0x29000000 + i * 977).toString(16)}`
}

/** Every other container is a seed. */
function seedAnswer(containers: number): object {
  const seeds = Array.from({ length: containers / 2 }, (_, i) => {
    return { container_id: containerId(2 * i), container_name: `GA26${i}`, lot_id: `GA26${i}` }
  })
  return { stage: 'seed-resolve', seeds, seed_count: seeds.length, cache_key: 'bench' }
}

function minimalLineage(containers: number): object {
  return { stage: 'lineage', lineage_id: 'bench', cid_count: containers, total_nodes: containers }
}

/** As the original service answers, always whole: six ancestors for each seed. */
function wholeLineage(containers: number): object {
  const ids = Array.from({ length: containers }, (_, i) => containerId(i))
  const seeds = ids.filter((_, i) => i % 2 === 0)
  const ancestors = seeds.map((seed, i): [string, string[]] => {
    return [seed, Array.from({ length: 6 }, (_, k) => containerId((2 * i + 2 * k + 1) % containers))]
  })
  return {
    stage: 'lineage',
    ancestors: Object.fromEntries(ancestors),
    seed_roots: Object.fromEntries(seeds.map((seed, i) => [seed, `GA26${i}`])),
    names: Object.fromEntries(ids.map((id, i) => [id, `GA26${i}`])),
    parent_map: Object.fromEntries(ancestors.map(([seed, [parent]]) => [seed, [parent]])),
    nodes: Object.fromEntries(ids.map((container_id, i) => [container_id, node(container_id, i)])),
    edges: ancestors.flatMap(([to_cid, parents]) =>
      parents.slice(0, 3).map((from_cid) => ({ edge_type: 'split_from', from_cid, to_cid })),
    ),
    merges: {},
    roots: seeds,
    total_ancestor_count: containers - seeds.length,
    total_nodes: containers,
  }
}

function node(container_id: string, i: number): object {
  return { container_id, container_name: `GA26${i}`, mfgorder_name: null, node_type: 'LOT', wafer_lot: null }
}

const JOB = '/api/trace/job/bench'
const ORIGINALS_JOB = `/original${JOB}`
const ACCEPTED = { stage: 'events', async: true, job_id: 'bench' }

/** What is said without reading a file, by path. */
function cannedAnswers(): Map<string, Buffer> {
  const { containers } = FACTORY
  const answers: Record<string, object> = {
    '/api/trace/seed-resolve': seedAnswer(containers),
    '/api/trace/lineage': minimalLineage(containers),
    '/api/trace/events': {
      ...ACCEPTED,
      status_url: JOB,
      stream_url: `${JOB}/stream`,
      follow_url: `${JOB}/stream?follow=1`,
    },
    '/original/api/trace/seed-resolve': seedAnswer(containers),
    '/original/api/trace/lineage': wholeLineage(containers),
    '/original/api/trace/events': {
      ...ACCEPTED,
      status_url: ORIGINALS_JOB,
      stream_url: `${ORIGINALS_JOB}/stream`,
    },
    [ORIGINALS_JOB]: { job_id: 'bench', status: 'finished', progress: 'done' },
  }
  for (const server of ['/lines', '/answer']) {
    answers[`${server}/api/trace/seed-resolve`] = seedAnswer(SYNCHRONOUS.containers)
    answers[`${server}/api/trace/lineage`] = minimalLineage(SYNCHRONOUS.containers)
  }
  return new Map(Object.entries(answers).map(([path, answer]) => [path, Buffer.from(JSON.stringify(answer))]))
}

async function serve(page: string, files: ServedFiles): Promise<number> {
  const canned = cannedAnswers()
  let sentAt = 0

  function begin(response: ServerResponse, type: string) {
    sentAt = Date.now()
    response.writeHead(200, { 'Content-Type': type, 'Cache-Control': 'no-store' })
  }

  function serveOne(request: IncomingMessage, response: ServerResponse) {
    const { pathname } = new URL(request.url!, 'http://bench')
    const answer = canned.get(pathname)
    request.resume()
    if (answer) {
      const status = pathname.endsWith('/events') ? 202 : 200
      // Once the request's body is there: it may be 13 MB.
      request.once('end', () =>
        response.writeHead(status, { 'Content-Type': 'application/json' }).end(answer),
      )
    } else if (pathname === '/sent-at') {
      response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(sentAt))
    } else if (
      pathname === '/stream.ndjson' ||
      [JOB, ORIGINALS_JOB].includes(pathname.replace(/\/stream$/, ''))
    ) {
      begin(response, 'application/x-ndjson')
      void sendFile(files.stream, response).then(() => response.end())
    } else if (pathname === '/stream.json') {
      begin(response, 'application/json')
      response.write('[')
      void sendFile(files.stream, response, linesToList).then(() => response.end('0]'))
    } else if (pathname === '/lines/api/trace/events') {
      begin(response, 'application/x-ndjson')
      void sendFile(files.lines, response).then(() => response.end())
    } else if (pathname === '/answer/api/trace/events') {
      begin(response, 'application/json')
      void sendFile(files.answer, response).then(() => response.end())
    } else {
      const path = join(page, pathname === '/' ? 'index.html' : pathname)
      const type = TYPES[extname(path)]
      if (!type) return response.writeHead(404).end()
      // Isolated, or the page could not read a fine clock.
      const isolation = {
        'Cross-Origin-Opener-Policy': 'same-origin',
        'Cross-Origin-Embedder-Policy': 'require-corp',
      }
      response.writeHead(200, { 'Content-Type': type, ...isolation }).end(readFileSync(path))
    }
  }

  const server = createServer(serveOne)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

/** Through a few buffers that are used again and again: 811 MB of fresh ones would be 811 MB of garbage. */
async function sendFile(path: string, response: ServerResponse, edit?: (bytes: Buffer) => void) {
  const file = await open(path)
  const buffers = Array.from({ length: 4 }, () => ({
    bytes: Buffer.allocUnsafe(1 << 18),
    sent: Promise.resolve(),
  }))
  for (let i = 0; response.writable; i = (i + 1) % buffers.length) {
    const buffer = buffers[i]!
    await buffer.sent
    const { bytesRead } = await file.read(buffer.bytes)
    if (bytesRead === 0) break
    const bytes = buffer.bytes.subarray(0, bytesRead)
    edit?.(bytes)
    // A page that gives up is an answer too.
    buffer.sent = new Promise((resolve) => response.write(bytes, () => resolve()))
  }
  await file.close()
}

/** The lines as one JSON list: the same bytes with a comma for each line's end. */
function linesToList(bytes: Buffer) {
  for (let lf = bytes.indexOf(10); lf !== -1; lf = bytes.indexOf(10, lf)) bytes[lf] = 0x2c
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , page = '', files = ''] = process.argv
  process.once('disconnect', () => process.exit())
  process.send!(await serve(page, JSON.parse(files) as ServedFiles))
}
