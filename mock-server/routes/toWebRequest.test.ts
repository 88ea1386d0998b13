import { once } from 'node:events'
import { createServer, get, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import express, { type Response as ExpressResponse } from 'express'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { toWebRequest } from './toWebRequest.js'

let asked: { request: Request; res: ExpressResponse }[] = []
const server = createServer(
  express().use((req, res) => {
    asked.push({ request: toWebRequest(req, res), res })
    res.write('begun')
  }),
)

beforeEach(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})

afterEach(async () => {
  asked = []
  server.closeAllConnections()
  server.close()
  await once(server, 'close')
})

/** A client that has read the first part of its answer. */
async function begin() {
  const client = get({ port: (server.address() as AddressInfo).port, host: '127.0.0.1' })
  const [answer] = (await once(client, 'response')) as [IncomingMessage]
  await once(answer, 'data')
  // Who leaves is told that the answer broke off.
  answer.on('error', () => {})
  return { ...asked[0]!, answer }
}

it('aborts when its client goes before the answer is whole', async () => {
  const { request, answer } = await begin()
  expect(request.signal.aborted).toBe(false)
  answer.destroy()
  await once(request.signal, 'abort')
  expect(request.signal.reason).toMatchObject({ name: 'AbortError', message: 'The client has gone' })
})

it('does not abort when the answer is whole', async () => {
  const { request, res, answer } = await begin()
  res.end()
  await Promise.all([once(res, 'close'), once(answer.resume(), 'end')])
  expect(request.signal.aborted).toBe(false)
})
