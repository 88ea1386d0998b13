import { request, type IncomingHttpHeaders } from 'node:http'
import { connect } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer } from '../testing/startTestServer.js'

let server: TestServer | null = null

afterEach(async () => {
  await server?.close()
  server = null
})

/** Status and body of a request by a name; `fetch` chooses `Host` itself. */
function ask(host: string, path = '/healthz') {
  return new Promise<{ status: number; body: string; headers: IncomingHttpHeaders }>((resolve, reject) => {
    const asking = request(server!.url + path, { headers: { Host: host } }, (response) => {
      let body = ''
      response.on('data', (part: Buffer) => (body += part.toString()))
      response.on('end', () => resolve({ status: response.statusCode!, body, headers: response.headers }))
    })
    asking.on('error', reject).end()
  })
}

const LOOPBACK = [
  'localhost',
  'LOCALHOST:8787',
  'app.localhost',
  '127.0.0.1:1',
  '127.9.9.9',
  '[::1]:80',
  'localhost.',
]
const FOREIGN = [
  ...['evil.example', 'evil.example:8787', 'localhost.evil.example', '127.0.0.1.evil.example', 'xlocalhost'],
  ...['192.168.1.5', '[fd00::1]', 'localhost@evil.example', 'evil.example:80:80'],
]

describe('a server on loopback', () => {
  it.each(LOOPBACK)('answers %s', async (host) => {
    server = await startTestServer()
    expect((await ask(host)).status).toBe(200)
  })

  it.each(FOREIGN)('does not answer a page that has let %j point to it', async (host) => {
    server = await startTestServer()
    for (const path of ['/healthz', '/metrics', '/api/trace/openapi.json', '/api/trace/job/x', '/']) {
      const { status, body } = await ask(host, path)
      expect(status, path).toBe(421)
      expect(JSON.parse(body), path).toMatchObject({ error: { code: 'HOST_NOT_ALLOWED' } })
    }
  })

  it('answers by the names it is given, for instance those of a proxy', async () => {
    server = await startTestServer({ TRACE_ALLOWED_HOSTS: 'MES.example, 10.0.0.5, fd00::1' })
    for (const host of ['mes.example', 'mes.example.:443', '10.0.0.5:80', '[fd00::1]', 'localhost']) {
      expect((await ask(host)).status, host).toBe(200)
    }
    for (const host of ['www.mes.example', '10.0.0.6']) expect((await ask(host)).status, host).toBe(421)
  })

  it('answers who names no host, as no browser does', async () => {
    server = await startTestServer()
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
    socket.end('GET /healthz HTTP/1.0\r\n\r\n')
    let answer = ''
    for await (const part of socket) answer += String(part)
    expect(answer).toMatch(/^HTTP\/1\.1 200 /)
  })
})

describe('a server that listens elsewhere', () => {
  it('answers any name while it knows none of its own', async () => {
    server = await startTestServer({ HOST: '0.0.0.0' })
    for (const host of ['mes.example', '10.0.0.5']) expect((await ask(host)).status, host).toBe(200)
  })

  it('answers its names once it knows them, and any address, as probes ask', async () => {
    server = await startTestServer({ HOST: '0.0.0.0', TRACE_ALLOWED_HOSTS: 'mes.example' })
    for (const host of ['mes.example', '10.0.0.5:8787', '[fd00::1]:8787', 'localhost']) {
      expect((await ask(host)).status, host).toBe(200)
    }
    expect((await ask('evil.example')).status).toBe(421)
  })
})
