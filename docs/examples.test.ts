import { mount } from '@vue/test-utils'
import { setupServer } from 'msw/node'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createTrace } from 'vue-trace-progress'
import { createTraceHandlers, rowsSource } from 'vue-trace-progress/testing'
// Code blocks of the documents, as they are printed: see vitest.config.ts.
import ReadmePage from '../README.md?example=vue'

describe('README.md', () => {
  const server = setupServer()
  beforeAll(() => server.listen({ onUnhandledRequest: 'error' }))
  afterAll(() => server.close())

  it('has a page that shows the rows of the first domain, and says that they are all', async () => {
    const rows = { upstream_history: [{ CONTAINERID: 'C1', EQUIPMENTNAME: 'GWBD-0022' }] }
    const { handlers, close } = createTraceHandlers({ source: rowsSource({ rows }) })
    server.use(...handlers)
    const plugins = [createTrace({ baseUrl: 'http://trace.test' })]
    const page = mount(ReadmePage, { global: { plugins } })
    await page.get('button').trigger('click')
    await vi.waitFor(
      () => {
        expect(page.text()).toContain('complete: 1 rows')
        expect(page.get('[role="gridcell"]').text()).toBe('C1')
      },
      { timeout: 10_000 },
    )
    page.unmount()
    await close()
  })
})

describe('docs/testing.md', async () => {
  await import('./testing.md?example=ts')
})
