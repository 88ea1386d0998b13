import { afterEach, expect, it, vi } from 'vitest'
import { createFetchTransport } from './createFetchTransport.js'

afterEach(() => void vi.unstubAllGlobals())

function request(more: object = {}) {
  return {
    method: 'GET' as const,
    url: 'http://trace.test/api/trace/job/x',
    headers: { Accept: 'application/json' },
    signal: new AbortController().signal,
    ...more,
  }
}

it('asks for its headers each time, waits for them, and lets none replace what the protocol needs', async () => {
  const fetch = vi.fn(async (_url: string, _init: RequestInit) => new Response('{}'))
  let token = 0
  const transport = createFetchTransport({
    fetch,
    credentials: 'include',
    headers: async () => ({ Authorization: `Bearer ${++token}`, accept: 'text/html' }),
  })
  await transport.send(request())
  await transport.send(request())
  const inits = fetch.mock.calls.map(([, init]) => init)
  expect(inits.map(({ headers }) => (headers as Headers).get('authorization'))).toEqual([
    'Bearer 1',
    'Bearer 2',
  ])
  expect((inits[0]!.headers as Headers).get('accept')).toBe('application/json')
  expect(inits[0]).toMatchObject({ credentials: 'include', redirect: 'manual', method: 'GET' })
})

it('uses the global fetch of the moment, so that one put in its place later is seen', async () => {
  const transport = createFetchTransport()
  const late = vi.fn(async () => new Response('{"late":true}'))
  vi.stubGlobal('fetch', late)
  const response = await transport.send(request())
  expect(await response.json()).toEqual({ late: true })
})

it('does not follow a redirect', async () => {
  const fetch = async () => new Response(null, { status: 302, headers: { location: 'https://login.test' } })
  await expect(createFetchTransport({ fetch }).send(request())).rejects.toMatchObject({
    code: 'UNEXPECTED_RESPONSE',
    status: 302,
  })
})

it('says so when the headers cannot be made', async () => {
  const fetch = vi.fn()
  const headers = () => Promise.reject(new Error('no token'))
  await expect(createFetchTransport({ fetch, headers }).send(request())).rejects.toMatchObject({
    code: 'UNAUTHORIZED',
    cause: { message: 'no token' },
  })
  expect(fetch).not.toHaveBeenCalled()
})

it('sends nothing when it was aborted while the headers were made', async () => {
  const fetch = vi.fn()
  const controller = new AbortController()
  const headers = async () => {
    controller.abort('enough')
    return {}
  }
  const sent = createFetchTransport({ fetch, headers }).send(request({ signal: controller.signal }))
  await expect(sent).rejects.toBe('enough')
  expect(fetch).not.toHaveBeenCalled()
})

it.each([1, 100_000])('sends bytes as they are, a list of %i', async (count) => {
  const fetch = vi.fn(async (_url: string, _init: RequestInit) => new Response('{}'))
  const text = JSON.stringify({
    container_ids: Array.from({ length: count }, (_, i) => `測試-${i}-4881038029000000`),
  })
  const bytes = new TextEncoder().encode(text)
  await createFetchTransport({ fetch }).send(request({ method: 'POST', body: bytes }))
  const sent = new Request('http://trace.test', { method: 'POST', body: fetch.mock.calls[0]![1].body })
  expect(await sent.text()).toBe(text)
})
