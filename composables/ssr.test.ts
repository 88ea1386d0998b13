// @vitest-environment node
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createSSRApp, defineComponent, effectScope, h } from 'vue'
import { renderToString } from 'vue/server-renderer'
import { createTrace, useJobPolling, useNdjsonStream, useTraceJobs, useTraceProgress } from './index.js'

const asked: string[] = []
const settings = {
  baseUrl: 'https://trace.test',
  fetch: async (url: string) => {
    asked.push(url)
    return new Response()
  },
}

afterEach(() => {
  asked.length = 0
  vi.restoreAllMocks()
})

function render(setup: () => (() => unknown) | Promise<() => unknown>) {
  return renderToString(createSSRApp(defineComponent({ setup })).use(createTrace(settings)))
}

describe('on a server', () => {
  it('composables are called and rendered without a window, and ask nothing', async () => {
    expect('window' in globalThis).toBe(false)
    const page = await render(() => {
      const trace = useTraceProgress({ profile: 'query_tool', rememberAs: 'page', onLeave: 'cancel' })
      const { jobs } = useTraceJobs()
      const { job } = useJobPolling(null)
      const { records } = useNdjsonStream(null)
      return () =>
        h(
          'p',
          [
            trace.status.value,
            trace.resumable.value,
            jobs.value.length,
            job.value,
            records.value.loaded,
          ].join(),
        )
    })
    expect(page).toBe('<p>idle,false,0,,0</p>')
    expect(asked).toEqual([])
  })

  it('a question asked in setup is not asked there: it resolves at once, idle', async () => {
    const states: Promise<{ status: string }>[] = []
    const page = await render(() => {
      const { execute, retry, resume, status } = useTraceProgress({ profile: 'query_tool' })
      states.push(execute({ values: ['A'] }), retry(), resume())
      return () => h('p', status.value)
    })
    expect(page).toBe('<p>idle</p>')
    expect((await Promise.all(states)).map(({ status }) => status)).toEqual(['idle', 'idle', 'idle'])
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(asked).toEqual([])
  })

  it('renders a setup that waits for the answer', async () => {
    const page = await render(async () => {
      const { execute, status } = useTraceProgress({ profile: 'query_tool' })
      await execute({ values: ['A'] })
      return () => h('p', status.value)
    })
    expect(page).toBe('<p>idle</p>')
    expect(asked).toEqual([])
  })

  it('polls no job and reads no stream', async () => {
    const page = await render(() => {
      const { isPolling } = useJobPolling('/job/1')
      const { isStreaming } = useNdjsonStream('/log')
      return () => h('p', `${isPolling.value} ${isStreaming.value}`)
    })
    expect(page).toBe('<p>false false</p>')
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(asked).toEqual([])
  })

  it('warns of a question outside of a component, which no browser asks again, but not in production', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
    const ask = () =>
      effectScope().run(() => useTraceProgress({ ...settings, profile: 'query_tool' }).execute({}))!
    expect(await ask()).toMatchObject({ status: 'idle' })
    expect(warn).toHaveBeenCalledExactlyOnceWith(
      expect.stringContaining('useTraceProgress() was used on a server'),
    )
    vi.stubEnv('NODE_ENV', 'production')
    await ask()
    vi.unstubAllEnvs()
    expect(warn).toHaveBeenCalledTimes(1)
    expect(asked).toEqual([])
  })
})
