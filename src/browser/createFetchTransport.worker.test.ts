import { afterEach, expect, it, vi } from 'vitest'
import { createFetchTransport } from './createFetchTransport.js'
import { isFetchUntouched } from './isFetchUntouched.js'

const fetchInWorker = vi.hoisted(() => vi.fn())
vi.mock('./decodeWorker/loadPageDecoder.js', () => ({
  loadPageDecoder: async () => ({ fetch: fetchInWorker }),
}))
vi.mock('./isFetchUntouched.js', { spy: true })

afterEach(() => {
  vi.unstubAllGlobals()
  vi.resetAllMocks()
})

function request(isForDecode: boolean) {
  const { signal } = new AbortController()
  return { method: 'GET' as const, url: 'http://trace.test/stream', headers: {}, signal, isForDecode }
}

it('has a stream fetched by the worker that decodes it, and everything else by the page', async () => {
  vi.mocked(isFetchUntouched).mockReturnValue(true)
  fetchInWorker.mockResolvedValue(new Response('of the worker'))
  vi.stubGlobal('fetch', async () => new Response('of the page'))
  const headers = { Authorization: 'Bearer 1' }
  const transport = createFetchTransport({ headers, credentials: 'include' })
  expect(await new Response((await transport.send(request(true))).body).text()).toBe('of the worker')
  expect(await new Response((await transport.send(request(false))).body).text()).toBe('of the page')
  const [url, init] = fetchInWorker.mock.calls[0] as [string, RequestInit]
  expect([url, init.credentials, init.redirect]).toEqual(['http://trace.test/stream', 'include', 'manual'])
  expect(new Headers(init.headers).get('authorization')).toBe('Bearer 1')
})

it('never follows a redirect that a worker met either', async () => {
  vi.mocked(isFetchUntouched).mockReturnValue(true)
  fetchInWorker.mockResolvedValue({ type: 'opaqueredirect', status: 0, headers: new Headers(), body: null })
  const sent = createFetchTransport().send(request(true))
  await expect(sent).rejects.toMatchObject({ code: 'UNEXPECTED_RESPONSE', status: undefined })
})

it('sends everything with a fetch that was given', async () => {
  vi.mocked(isFetchUntouched).mockReturnValue(true)
  const transport = createFetchTransport({ fetch: async () => new Response('of the user') })
  expect(await new Response((await transport.send(request(true))).body).text()).toBe('of the user')
  expect(fetchInWorker).not.toHaveBeenCalled()
})

it('sends everything from the page where something has taken the place of the browser’s fetch', async () => {
  vi.stubGlobal('fetch', async () => new Response('of the page'))
  expect(isFetchUntouched()).toBe(false)
  expect(await new Response((await createFetchTransport().send(request(true))).body).text()).toBe(
    'of the page',
  )
  expect(fetchInWorker).not.toHaveBeenCalled()
})

it('knows the browser’s own fetch, and a page that a service worker may answer for', () => {
  vi.stubGlobal('navigator', {
    get serviceWorker() {
      throw new DOMException('sandboxed', 'SecurityError')
    },
  })
  vi.spyOn(Function.prototype, 'toString').mockReturnValue('function fetch() { [native code] }')
  expect(isFetchUntouched()).toBe(false)
  vi.stubGlobal('navigator', { serviceWorker: { controller: {} } })
  expect(isFetchUntouched()).toBe(false)
  vi.stubGlobal('navigator', { serviceWorker: { controller: null } })
  expect(isFetchUntouched()).toBe(true)
  vi.restoreAllMocks()
})
