import {
  createTraceServer,
  defineTraceServer,
  TraceError,
  type ColumnDescription,
  type PartialSource,
  type Row,
} from 'vue-trace-progress-server'
import { describeTraceSource, type SourceFacts } from 'vue-trace-progress-server/contracts'
import { createDuckDbSource } from 'vue-trace-progress-server/duckdb'
import { createPostgresSource } from 'vue-trace-progress-server/postgres'
import { createSyntheticSource } from 'vue-trace-progress-server/synthetic'

const stops: Row[] = [{ MACHINE: 'M1', HOURS: 3 }]

const source: PartialSource = {
  describe: () => ({
    profiles: [{ name: 'downtime', stages: ['events'], domains: ['stops'] }],
    domains: [{ name: 'stops', columns: [{ name: 'HOURS', kind: 'quantity', unit: 'h' }] }],
  }),
  async *rows() {
    yield { rows: stops, next: null }
  },
}

export default defineTraceServer({
  source: async () => {
    const { PLANT } = process.env
    if (PLANT === 'postgres') return createPostgresSource({ connection: { host: 'db', ssl: true } })
    if (PLANT === 'duckdb') return createDuckDbSource({ folder: './plant' })
    return PLANT === 'synthetic' ? createSyntheticSource({ scale: 2 }) : source
  },
  identify(request) {
    const name = request.headers.get('x-user')
    if (!name) throw new TraceError('UNAUTHORIZED', 'sign in first')
    return name
  },
  allowedOrigins: ['https://mes.example'],
})

export async function start(): Promise<string> {
  const server = await createTraceServer({ source, port: 0, environment: { TRACE_WORKER_COUNT: '1' } })
  await server.stop()
  return server.url
}

export const exam = (facts: SourceFacts) => describeTraceSource('plant', () => source, facts)

// @ts-expect-error: a kind that no column has
export const wrong: ColumnDescription = { name: 'DAY', kind: 'date' }
