import { mount } from '@vue/test-utils'
import { describe, expect, it, vi } from 'vitest'
import { createTestTrace } from '../../mock-server/testing/createTestTrace.js'
import { useTraceDescription, type UseTraceDescriptionReturn } from './useTraceDescription.js'

function mountWith(fetch: typeof globalThis.fetch) {
  let used!: UseTraceDescriptionReturn
  const wrapper = mount({
    setup() {
      used = useTraceDescription({ baseUrl: 'http://mes.example', fetch })
      return () => null
    },
  })
  return { used, wrapper }
}

describe('useTraceDescription', () => {
  it('asks when the component is mounted, and has what the server says', async () => {
    const trace = createTestTrace()
    const { used } = mountWith(() => trace.call('/api/trace/describe'))
    expect(used.description.value).toBeNull()
    await vi.waitFor(() => expect(used.description.value).not.toBeNull())
    expect(used.description.value?.profiles.map(({ name }) => name)).toContain('query_tool')
    expect([used.error.value, used.isLoading.value]).toEqual([null, false])
  })

  it('says why it could not be had, and has it when it is asked again', async () => {
    const trace = createTestTrace()
    let isAway = true
    const { used } = mountWith(async () => {
      if (isAway) throw new TypeError('fetch failed')
      return trace.call('/api/trace/describe')
    })
    await vi.waitFor(() => expect(used.error.value).toMatchObject({ code: 'NETWORK_ERROR' }))
    expect(used.isLoading.value).toBe(false)
    isAway = false
    await used.load()
    expect(used.error.value).toBeNull()
    expect(used.description.value).not.toBeNull()
  })

  it('ends with its component', async () => {
    let aborted = false
    const { used, wrapper } = mountWith(
      (_, init) =>
        new Promise((_, reject) =>
          init!.signal!.addEventListener('abort', () => {
            aborted = true
            reject(init!.signal!.reason as Error)
          }),
        ),
    )
    await vi.waitFor(() => expect(used.isLoading.value).toBe(true))
    await new Promise((resolve) => setTimeout(resolve, 20))
    wrapper.unmount()
    await vi.waitFor(() => expect(aborted).toBe(true))
    expect(used.error.value).toBeNull()
  })
})
