import { createReadStream, readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { StreamFile } from './writeStream.js'

const TYPES: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
}

/**
 * Serves the page and the stream, as lines and as one JSON body; and, so that a whole trace can be measured
 * from click to done, the answers of a trace server that has nothing else to do.
 */
export async function serveBytes(
  page: string,
  stream: StreamFile,
): Promise<{ origin: string; close: () => void }> {
  const seeds = Array.from({ length: 57_000 }, (_, i) => {
    const id = `48810380${(0x29000000 + i * 1954).toString(16)}`
    return { container_id: id, container_name: `GA26${i}`, lot_id: `GA26${i}` }
  })
  const job = '/api/trace/job/bench'
  const answers: Record<string, object> = {
    'POST /api/trace/seed-resolve': {
      stage: 'seed-resolve',
      seeds,
      seed_count: seeds.length,
      cache_key: 'bench',
    },
    'POST /api/trace/lineage': {
      stage: 'lineage',
      lineage_id: 'bench',
      cid_count: 114_000,
      total_nodes: 114_000,
    },
    'POST /api/trace/events': {
      stage: 'events',
      async: true,
      job_id: 'bench',
      status_url: job,
      stream_url: `${job}/stream`,
      follow_url: `${job}/stream?follow=1`,
    },
  }

  function answer(request: IncomingMessage, response: ServerResponse) {
    const { pathname } = new URL(request.url!, 'http://bench')
    const canned = answers[`${request.method} ${pathname}`]
    if (canned) {
      request.resume()
      const status = 'job_id' in canned ? 202 : 200
      response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(canned))
    } else if (pathname === '/stream.ndjson' || pathname === `${job}/stream`) {
      response.writeHead(200, { 'Content-Type': 'application/x-ndjson', 'Cache-Control': 'no-store' })
      createReadStream(stream.path, { highWaterMark: 1 << 20 }).pipe(response)
    } else if (pathname === '/stream.json') {
      response.writeHead(200, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' })
      // A page that gives up is an answer too.
      pipeline(createReadStream(stream.path, { highWaterMark: 1 << 20 }), asOneBody, response).catch(() => {})
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

  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    origin: `http://127.0.0.1:${port}`,
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

/** The lines as one JSON list: the same bytes with a comma for each line's end. */
async function* asOneBody(lines: AsyncIterable<Buffer>): AsyncGenerator<Buffer | string> {
  yield '['
  for await (const chunk of lines) {
    for (let lf = chunk.indexOf(10); lf !== -1; lf = chunk.indexOf(10, lf)) chunk[lf] = 0x2c
    yield chunk
  }
  yield '0]'
}
