import { once } from 'node:events'
import { createServer, get, type IncomingMessage, type ServerResponse } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { trackConnections } from './trackConnections.js'

/** Longer than any test may take: what ends sooner was not cut off. */
const LONG_MS = 600_000
let answers: ServerResponse[] = []
let server = createServer()
let connections = trackConnections(server)

beforeEach(async () => {
  answers = []
  server = createServer((_, res) => void answers.push(res))
  connections = trackConnections(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})

afterEach(() => server.closeAllConnections())

const port = () => (server.address() as AddressInfo).port

/** A connection that has sent `text`, and no more. */
async function open(text: string): Promise<Socket> {
  const connected = once(server, 'connection')
  const socket = connect(port(), '127.0.0.1')
  socket.on('error', () => {})
  if (text) socket.write(text)
  await connected
  return socket
}

/** A request that is being answered; keeps its connection alive, as browsers do. */
async function ask() {
  const asked = once(server, 'request')
  const request = get({ port: port(), host: '127.0.0.1', headers: { Connection: 'keep-alive' } })
  // Says what its response says too, when the connection breaks.
  request.on('error', () => {})
  const answered = once(request, 'response') as Promise<[IncomingMessage]>
  await asked
  return { answer: answers.at(-1)!, answered }
}

it.each([
  ['has sent nothing', ''],
  ['has sent half a request line', 'GET /heal'],
  ['has sent half its headers', 'GET / HTTP/1.1\r\nHost: a\r\nAcc'],
])('does not wait for a connection that %s', async (_, text) => {
  const socket = await open(text)
  const closed = once(socket, 'close')
  await connections.close(LONG_MS)
  await closed
})

it('does not wait for a connection that has its answer and may ask again', async () => {
  const { answer, answered } = await ask()
  answer.end('whole')
  const [response] = await answered
  await once(response.resume(), 'end')
  await connections.close(LONG_MS)
})

it('lets answers under way end whole, and ends their connections then', async () => {
  const early = await ask()
  early.answer.write('first')
  await early.answered
  const late = await ask()
  const stopped = connections.close(LONG_MS)
  early.answer.end(' second')
  late.answer.end('late')
  const texts = [early, late].map(async ({ answered }) => {
    const [response] = await answered
    let text = ''
    for await (const part of response) text += String(part)
    return [text, response.headers.connection]
  })
  expect(await Promise.all(texts)).toEqual([
    ['first second', 'keep-alive'],
    ['late', 'close'],
  ])
  await stopped
})

it('resets what is not answered in time, so that half of it is not taken for whole', async () => {
  const { answer, answered } = await ask()
  answer.write('half')
  const [response] = await answered
  const broken = once(response, 'error')
  response.resume()
  await connections.close(1)
  expect(await broken).toMatchObject([{ code: 'ECONNRESET' }])
})
