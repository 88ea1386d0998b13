import { mount } from '@vue/test-utils'
import { setupServer } from 'msw/node'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { h } from 'vue'
import TraceTable from '../../components/table/TraceTable.vue'
import { RecordList } from '../../src/records/RecordList.js'
import {
  createTraceHandlers,
  partial,
  workerDies,
  type PartialSource,
  type Scenario,
} from '../../testing/index.js'
import { useTraceProgress } from '../useTraceProgress/useTraceProgress.js'
import type { UseTraceProgressReturn } from '../useTraceProgress/UseTraceProgressReturn.js'
import { useTraceDescription } from './useTraceDescription.js'

const STOPS = Array.from({ length: 30 }, (_, i) => ({ STOP: `S${i}`, HOURS: i / 2 }))

/** A house without lots: its one question is about stops of machines. */
const stopsOfMachines: PartialSource = {
  describe: () => ({
    profiles: [
      {
        name: 'downtime',
        stages: ['events'],
        params: [{ name: 'line', kind: 'choice', choices: [{ value: 'A' }] }],
        domains: ['stops'],
      },
    ],
    domains: [
      {
        name: 'stops',
        title: 'Stops',
        columns: [
          { name: 'STOP', title: 'Stop', kind: 'id' },
          { name: 'HOURS', title: 'Time', kind: 'quantity', unit: 'h' },
        ],
      },
    ],
  }),
  async *rows(_, { after }) {
    const from = Number(after ?? 0)
    const next = from + 10 < STOPS.length ? String(from + 10) : null
    yield { rows: STOPS.slice(from, from + 10), next }
  },
}

const server = setupServer()
let end = async () => {}
afterEach(async () => {
  await end()
  server.close()
})

function mountPage(scenario?: Scenario) {
  const { handlers, close, log } = createTraceHandlers({ source: stopsOfMachines, scenario })
  end = close
  server.use(...handlers)
  server.listen({ onUnhandledRequest: 'error' })
  let trace!: UseTraceProgressReturn
  const page = mount(
    {
      setup() {
        const options = { baseUrl: 'http://own.test' }
        trace = useTraceProgress({ ...options, profile: 'downtime' })
        const { description } = useTraceDescription(options)
        return () =>
          h(TraceTable, {
            rows: trace.domains.value.stops ?? RecordList.empty(),
            label: 'stops',
            described: description.value?.domains[0]?.columns,
          })
      },
    },
    { attachTo: document.body },
  )
  return { page, trace, log }
}

describe('a factory of one’s own, from its source to a table', () => {
  it('is asked, complete, and headed by its own words', async () => {
    const { page, trace, log } = mountPage()
    const state = await trace.execute({ line: 'A' })
    expect(state.status).toBe('complete')
    expect(state.domains.stops?.slice(0, 30)).toEqual(STOPS)
    expect(state.completedStages).toEqual(['seed-resolve', 'lineage', 'events'])
    expect(state.jobProgress).toMatchObject({ rowsLoaded: 30, rowsTotal: 30, cidsTotal: null })
    await vi.waitFor(() =>
      expect(page.findAll('[role="columnheader"]').map((each) => each.text())).toEqual(['Stop', 'Time (h)']),
    )
    expect(log.map(({ kind }) => kind)).not.toContain('seed-resolve')
  })

  it('says what was wrong with a param', async () => {
    const { trace } = mountPage()
    const state = await trace.execute({ line: 'B' })
    expect(state.status).toBe('failed')
    expect(state.error).toMatchObject({ code: 'INVALID_PARAMS', message: 'line must be one of: A' })
  })

  it('is partial when its domain fails', async () => {
    const { trace } = mountPage(partial('stops'))
    const state = await trace.execute({})
    expect(state).toMatchObject({ status: 'partial', failedDomains: ['stops'] })
  })

  it('fails for now when its worker dies, and goes on when it is asked to', async () => {
    const { trace } = mountPage(workerDies('events'))
    const state = await trace.execute({})
    const last = state.status === 'complete' ? state : await trace.retry()
    expect(last.status).toBe('complete')
    expect(last.domains.stops?.slice(0, 30)).toEqual(STOPS)
  })
})
