import { flushPromises, mount } from '@vue/test-utils'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { defineComponent, h, KeepAlive, onActivated, onMounted, onUpdated, ref, Suspense } from 'vue'
import {
  createScriptedTransport,
  type ScriptedTransport,
} from '../src/client/fixtures/createScriptedTransport.js'
import {
  createVirtualEnvironment,
  type VirtualEnvironment,
} from '../src/client/fixtures/createVirtualEnvironment.js'
import { json, stream } from '../src/client/fixtures/replies.js'
import * as wire from '../src/client/fixtures/wire.js'
import { createTrace } from './createTrace/createTrace.js'
import { useJobPolling } from './useJobPolling/useJobPolling.js'
import { useNdjsonStream } from './useNdjsonStream/useNdjsonStream.js'
import { useTraceProgress } from './useTraceProgress/useTraceProgress.js'

let environment: VirtualEnvironment
let transport: ScriptedTransport

// A real import is no affair of virtual time.
beforeAll(() => import('./client/client.js'))

beforeEach(() => {
  environment = createVirtualEnvironment()
  transport = createScriptedTransport(
    {
      [wire.ROUTES.seeds]: json(wire.seeds()),
      'GET /job': json(wire.status('running')),
      'GET /log': stream([{ n: 1 }], 'hang'),
    },
    environment,
  )
})

function mounted(component: Parameters<typeof mount>[0]) {
  return mount(component, {
    global: { plugins: [createTrace({ transport, environment, pipeline: 'stages' })] },
  })
}

describe('what is asked in setup', () => {
  it('is asked when the component is mounted: what is rendered first is what a server renders', async () => {
    const rendered: string[] = []
    let ended!: ReturnType<ReturnType<typeof useTraceProgress>['execute']>
    const page = mounted({
      setup() {
        const trace = useTraceProgress({ profile: 'query_tool' })
        const { isPolling } = useJobPolling('/job')
        const { isStreaming } = useNdjsonStream('/log')
        ended = trace.execute({})
        return () => {
          rendered.push(`${trace.status.value} ${isPolling.value} ${isStreaming.value}`)
          return h('p')
        }
      },
    })
    expect(rendered).toEqual(['idle false false'])
    await page.vm.$nextTick()
    expect(rendered[1]).toBe('running true true')
    expect(await environment.until(ended)).toMatchObject({ status: 'complete' })
    page.unmount()
    await environment.settle()
    expect(environment.leftovers).toBe(0)
  })

  it('is asked at once where setup waits for the answer', async () => {
    const Page = defineComponent({
      async setup() {
        const trace = useTraceProgress({ profile: 'query_tool' })
        await trace.execute({})
        return () => h('p', trace.status.value)
      },
    })
    const page = mounted({ render: () => h(Suspense, null, { default: () => h(Page) }) })
    await environment.advance(100)
    await flushPromises()
    expect(page.html()).toContain('complete')
  })

  it.each(['abort', 'reset', 'execute'] as const)(
    'is not asked when something else comes first: %s',
    async (what) => {
      let first!: Promise<{ status: string }>
      const page = mounted({
        setup() {
          const trace = useTraceProgress({ profile: 'query_tool' })
          first = trace.execute({ values: ['first'] })
          void trace[what]({ values: ['second'] })
          return () => h('p')
        },
      })
      expect(await first).toMatchObject({ status: 'idle' })
      await environment.advance(100)
      const values = transport.of(wire.ROUTES.seeds).map(({ body }) => (body as { params: object }).params)
      expect(values).toEqual(what === 'execute' ? [{ values: ['second'] }] : [])
      page.unmount()
    },
  )
})

describe('what is asked by a composable that a hook creates', () => {
  it.each([
    ['onMounted', onMounted],
    ['onActivated', onActivated],
    ['onUpdated', onUpdated],
  ])('is asked at once, since the component is not mounted again: %s', async (_, onHook) => {
    let ended: ReturnType<ReturnType<typeof useTraceProgress>['execute']> | undefined
    const count = ref(0)
    const Page = {
      setup() {
        onHook(() => (ended ??= useTraceProgress({ profile: 'query_tool' }).execute({})))
        return () => h('p', count.value)
      },
    }
    const page = mounted({ render: () => h(KeepAlive, null, { default: () => h(Page) }) })
    count.value++
    await flushPromises()
    expect(await environment.until(ended!)).toMatchObject({ status: 'complete' })
    page.unmount()
    await environment.settle()
    expect(environment.leftovers).toBe(0)
  })
})
