import { mount } from '@vue/test-utils'
import { describe, expect, it, vi } from 'vitest'
import { defineComponent } from 'vue'
import { createVirtualEnvironment } from '../../src/client/fixtures/createVirtualEnvironment.js'
import { createScriptedTransport } from '../../src/client/fixtures/createScriptedTransport.js'
import { useTraceSettings } from '../createTrace/useTraceSettings.js'
import { startRun } from '../useTraceProgress/startRun.js'
import { running } from '../useTraceProgress/TraceState.js'
import { useClient, type Client, type UseClientReturn } from './useClient.js'

function mounted(importClient?: () => Promise<Client>): UseClientReturn {
  let made!: UseClientReturn
  mount(
    defineComponent({
      setup() {
        made = useClient(importClient)
        return () => null
      },
    }),
  )
  return made
}

/** An import that fails the first times. */
function failing(times: number) {
  return vi.fn(async () => {
    if (times-- > 0) throw new TypeError('Failed to fetch dynamically imported module')
    return import('./client.js')
  })
}

describe('useClient', () => {
  it('loads the client when the component is mounted, before anything is asked, and once', async () => {
    const importClient = failing(0)
    const { client, load } = mounted(importClient)
    expect(client.value).toBeNull()
    await vi.waitFor(() => expect(client.value?.runTrace).toBeTypeOf('function'))
    expect(await load()).toBe(client.value)
    expect(importClient).toHaveBeenCalledTimes(1)
  })

  it('says so when the client does not come, and tries again when it is next needed', async () => {
    // When mounted, and when first needed.
    const { client, load } = mounted(failing(2))
    await expect(load()).rejects.toMatchObject({ code: 'NETWORK_ERROR', retryable: true })
    await load()
    expect(client.value).not.toBeNull()
  })

  it('answers a cancelling that it cannot send', async () => {
    const { cancelJob } = mounted(failing(Infinity))
    const environment = createVirtualEnvironment()
    const { context } = useTraceSettings({ transport: createScriptedTransport({}, environment), environment })
    const job = { jobId: 'j', cancelUrl: '/j' } as Parameters<typeof cancelJob>[0]
    const answer = await cancelJob(job, context(new AbortController().signal))
    expect(answer).toMatchObject({ status: 'failed', error: { code: 'NETWORK_ERROR' } })
  })

  it('fails a run, not the page, when the client does not come', async () => {
    const environment = createVirtualEnvironment()
    const settings = useTraceSettings({ transport: createScriptedTransport({}, environment), environment })
    const run = startRun(
      { profile: 'query_tool', params: {} },
      {
        loadClient: mounted(failing(Infinity)).load,
        settings,
        before: running(),
        from: undefined,
        jobStartedMs: null,
        onState: () => {},
        onJob: () => {},
      },
    )
    run.start()
    expect(await run.ended).toMatchObject({ status: 'failed', error: { code: 'NETWORK_ERROR' } })
  })
})
