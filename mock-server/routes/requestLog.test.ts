import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { pino } from 'pino'
import { afterEach, expect, it, vi } from 'vitest'
import { requestLog } from './requestLog.js'

afterEach(() => vi.useRealTimers())

it('a clock that is set while a request is answered makes it no slow one', async () => {
  const lines: string[] = []
  const app = express()
  app.use(requestLog(pino({}, { write: (line) => void lines.push(line) }), 1_000))
  app.use((_, res) => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_600_000 })
    res.end()
  })
  const server = createServer(app).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  await fetch(`http://127.0.0.1:${port}/`)
  await new Promise((resolve) => server.close(resolve))
  expect(lines.map((line) => (JSON.parse(line) as { level: number }).level)).toEqual([30])
})
