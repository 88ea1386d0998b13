// @vitest-environment node
import { describe, expect, it } from 'vitest'
import { createSSRApp, defineComponent, h } from 'vue'
import { renderToString } from 'vue/server-renderer'
import { createTrace, useJobPolling, useNdjsonStream, useTraceJobs, useTraceProgress } from './index.js'

describe('on a server', () => {
  it('composables are called and rendered without a window, and ask nothing', async () => {
    expect('window' in globalThis).toBe(false)
    const asked: string[] = []
    const Page = defineComponent({
      setup() {
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
      },
    })
    const app = createSSRApp(Page).use(
      createTrace({
        baseUrl: 'https://trace.test',
        fetch: async (url) => {
          asked.push(url)
          return new Response()
        },
      }),
    )
    expect(await renderToString(app)).toBe('<p>idle,false,0,,0</p>')
    expect(asked).toEqual([])
  })
})
