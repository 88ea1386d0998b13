import { createHash } from 'node:crypto'
import { expect, it, vi } from 'vitest'
import { collectTrace } from '../src/client/fixtures/collectTrace.js'
import { createVirtualEnvironment } from '../src/client/fixtures/createVirtualEnvironment.js'
import type { TraceTransport } from '../src/client/ports/TraceTransport.js'
import { runTrace } from '../src/client/run/runTrace.js'
import type { TraceCheckpoint } from '../src/client/run/TraceCheckpoint.js'
import type { TraceUpdate } from '../src/client/run/TraceUpdate.js'
import { createTestBackend } from './createTestBackend.js'
import { createWorkerDeath } from './createWorkerDeath.js'
import { rowsSource, slowLineage } from './index.js'
import { troubledSource } from './troubledSource.js'

const ROWS = { history: Array.from({ length: 40 }, (_, i) => ({ CONTAINERID: `CID-${i}`, QTY: i })) }
const QUESTION = {
  profile: 'query_tool',
  params: { resolve_type: 'lot_id', values: ['x'] },
  domains: ['history'],
}

// Names of jobs are made on a thread that knows no virtual time.
vi.spyOn(crypto.subtle, 'digest').mockImplementation((_, bytes) => {
  const hash = createHash('sha256').update(Buffer.from(bytes as Uint8Array))
  return Promise.resolve(Uint8Array.from(hash.digest()).buffer)
})

it('a lineage of four minutes is told of all the while, and survives a reload after two', async () => {
  const environment = createVirtualEnvironment()
  const source = troubledSource(rowsSource({ rows: ROWS }), slowLineage(240_000), {
    clock: environment,
    ...createWorkerDeath(undefined),
  })
  const backend = createTestBackend({ source, clock: environment })
  const transport: TraceTransport = {
    send: ({ url, method, headers, body, signal }) =>
      backend.api(new Request(url, { method, headers, body, signal })),
  }
  let silentMs = 0
  let heardAt = environment.now()
  const decode: typeof environment.decode = (bytes, options) =>
    environment.decode(bytes, {
      ...options,
      onBytes() {
        silentMs = Math.max(silentMs, environment.now() - heardAt)
        heardAt = environment.now()
        options.onBytes()
      },
    })
  const options = { transport, environment: { ...environment, decode }, pipeline: 'job' } as const
  const phases = (updates: readonly TraceUpdate[]) =>
    updates.flatMap((update) => (update.type === 'progress' ? [update.progress.phase] : []))

  // The page that asks goes away in the middle.
  const left = new AbortController()
  const asked = collectTrace(runTrace(QUESTION, { ...options, signal: left.signal }))
  await environment.advance(120_000)
  left.abort()
  const first = await environment.until(asked)
  expect(first.outcome.status).toBe('aborted')
  expect(phases(first.updates).filter((phase) => phase === 'lineage').length).toBeGreaterThan(10)

  const told = first.updates.findLast(({ type }) => type === 'progress')
  expect(told).toMatchObject({ progress: { seedsDone: 0, seedsTotal: 1, cidsTotal: null } })

  // The next one knows where the job is, and nothing else.
  const from: TraceCheckpoint = { job: first.outcome.checkpoint.job }
  heardAt = environment.now()
  const second = await environment.until(collectTrace(runTrace(QUESTION, { ...options, from })))
  expect(second.outcome.status).toBe('complete')
  expect(second.rows.history).toEqual(ROWS.history)
  expect(second.rows.seeds).toHaveLength(1)
  expect(phases(second.updates).filter((phase) => phase === 'lineage').length).toBeGreaterThan(10)
  expect(silentMs).toBeLessThanOrEqual(10_000)
  expect(environment.now() - 1_795_000_000_000).toBeGreaterThanOrEqual(240_000)
  await backend.close()
})
