import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it } from 'vitest'
import { sendResponse } from './sendResponse.js'

it('lets a short answer wait for nobody’s turn, and a long one for a turn for each part but the first', async () => {
  let turns = 0
  const server = createServer((req, res) => {
    const parts = req.url === '/long' ? ['a', 'b', 'c'] : ['a']
    void sendResponse(new Response(streamOf(parts)), res, async () => void turns++)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  try {
    expect(await (await fetch(`${url}/short`)).text()).toBe('a')
    expect(turns).toBe(0)
    expect(await (await fetch(`${url}/long`)).text()).toBe('abc')
    expect(turns).toBe(2)
  } finally {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
})

function streamOf(parts: string[]): ReadableStream<Uint8Array> {
  const left = [...parts]
  return new ReadableStream({
    pull(controller) {
      const part = left.shift()
      if (part === undefined) controller.close()
      else controller.enqueue(new TextEncoder().encode(part))
    },
  })
}
