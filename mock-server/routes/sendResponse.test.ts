import { createServer, type ServerResponse } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { expect, it } from 'vitest'
import { TraceError } from '../../src/errors.js'
import { sendResponse } from './sendResponse.js'

/** Runs `use` with the address of a server that answers every request by `answer`. */
async function withServer(
  answer: (url: string, res: ServerResponse) => unknown,
  use: (url: string) => Promise<void>,
) {
  const server = createServer((req, res) => void answer(req.url!, res))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  } finally {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
}

it('lets a short answer wait for nobody’s turn, and a long one for a turn for each part but the first', async () => {
  let turns = 0
  const answer = (url: string, res: ServerResponse) =>
    sendResponse(
      new Response(streamOf(url === '/long' ? ['a', 'b', 'c'] : ['a'])),
      res,
      async () => void turns++,
    )
  await withServer(answer, async (url) => {
    expect(await (await fetch(`${url}/short`)).text()).toBe('a')
    expect(turns).toBe(0)
    expect(await (await fetch(`${url}/long`)).text()).toBe('abc')
    expect(turns).toBe(2)
  })
})

it('does not look whole when it breaks off, not even to a reader of HTTP/1.0, for whom an end is the end', async () => {
  let sent: ServerResponse | undefined
  const lost = new TraceError('CHUNK_MISSING', 'gone')
  const answer = (_: string, res: ServerResponse) => {
    sent = res
    return sendResponse(new Response(streamOf(['rows'], lost)), res)
  }
  await withServer(answer, async (url) => {
    const client = connect(Number(new URL(url).port), '127.0.0.1')
    let text = ''
    client.on('data', (data: Buffer) => (text += data.toString()))
    client.write('GET / HTTP/1.0\r\n\r\n')
    const end = await new Promise((resolve) => {
      client.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code))
      client.once('end', () => resolve('a plain end'))
    })
    expect(end).toBe('ECONNRESET')
    expect(text).toMatch(/^HTTP\/1.1 200 [^]*rows$/)
    expect(sent!.err, 'for the log').toBe(lost)
  })
})

it('is an error answer when it fails before its first part', async () => {
  const answer = (_: string, res: ServerResponse) => {
    const headers = { 'Content-Type': 'text/csv', 'X-Total-Count': '3' }
    return sendResponse(new Response(streamOf([], new TraceError('CHUNK_MISSING', 'gone')), { headers }), res)
  }
  await withServer(answer, async (url) => {
    const response = await fetch(url)
    expect(response.status).toBe(500)
    expect(response.headers.get('X-Total-Count')).toBeNull()
    expect(await response.json()).toMatchObject({ error: { code: 'CHUNK_MISSING', message: 'gone' } })
  })
})

function streamOf(parts: string[], fault?: Error): ReadableStream<Uint8Array> {
  const left = [...parts]
  return new ReadableStream({
    pull(controller) {
      const part = left.shift()
      if (part !== undefined) controller.enqueue(new TextEncoder().encode(part))
      else if (fault) controller.error(fault)
      else controller.close()
    },
  })
}
