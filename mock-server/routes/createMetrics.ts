import type { RequestHandler } from 'express'
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { BatchStore, QueueHealth } from '../ports/index.js'
import { isStoreUp } from '../services/health/checkHealth.js'
import type { JobMeter } from '../ports/JobMeter.js'
import { COMMIT_BUCKETS_SECONDS, METRIC } from '../runtime/metricNames.js'

export interface Metrics extends JobMeter {
  rowsSent: (rows: number) => void
  /** Sets the source of the number of log lines dropped since the process began. */
  logLinesDropped: (count: () => number) => void
  /** Counts bytes and stream clients of every request. */
  observe: RequestHandler
  /** Everything, as Prometheus reads it. */
  text: () => Promise<string>
  readonly contentType: string
}

export interface MetricsOptions {
  /** Asked at each scrape; gauges are NaN when it fails. */
  queueHealth: () => Promise<QueueHealth>
  /** Written to at each scrape. */
  store: Pick<BatchStore, 'put'>
  /** Job metrics of other processes as Prometheus text; given, this process does not count jobs itself. */
  shared?: () => Promise<string>
}

/** What can be measured of this server and its jobs. */
export function createMetrics({ queueHealth, store, shared }: MetricsOptions): Metrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  const gauge = (name: string, help: string) => new Gauge({ name, help, registers })
  const counter = (name: string, help: string) => new Counter({ name, help, registers })

  const up = gauge('trace_store_up', 'Whether the store of jobs takes writes')
  const workers = gauge('trace_workers', 'Live workers')
  const waiting = gauge('trace_jobs_waiting', 'Jobs waiting for a worker')
  const running = gauge('trace_jobs_running', 'Jobs a worker has')
  const clients = gauge('trace_stream_clients', 'Open streams of this server')
  const rows = counter('trace_rows_sent_total', 'Rows sent by this server')
  const bytes = counter('trace_bytes_sent_total', 'Bytes sent by this server, as on the wire')
  let droppedCount = () => 0
  new Counter({
    name: 'trace_log_lines_dropped_total',
    help: 'Log lines of this server that found no room',
    registers,
    collect() {
      this.reset()
      this.inc(droppedCount())
    },
  })
  // Without separate workers jobs run in this process and are counted here.
  const own = shared ? null : countJobs(registers)

  async function ask() {
    const [health, isUp] = await Promise.all([queueHealth().catch(() => null), isStoreUp(store)])
    up.set(isUp ? 1 : 0)
    workers.set(health?.workers ?? NaN)
    waiting.set(health?.waiting ?? NaN)
    running.set(health?.running ?? NaN)
  }

  return {
    committed: (tookMs) => own?.commits.observe(tookMs / 1000),
    ended: (state) => own?.ended.inc({ state }),
    rowsSent: (count) => rows.inc(count),
    logLinesDropped(count) {
      droppedCount = count
    },
    observe(req, res, next) {
      const { socket } = req
      const before = socket.bytesWritten
      const isStream = /\/stream$/.test(req.path)
      if (isStream) clients.inc()
      res.once('close', () => {
        if (isStream) clients.dec()
        bytes.inc(Math.max(0, socket.bytesWritten - before))
      })
      next()
    },
    async text() {
      const [, theirs] = await Promise.all([ask(), shared?.().catch(() => '') ?? ''])
      return (await registry.metrics()) + theirs
    },
    contentType: registry.contentType,
  }
}

function countJobs(registers: Registry[]) {
  return {
    commits: new Histogram({ ...METRIC.commits, buckets: [...COMMIT_BUCKETS_SECONDS], registers }),
    ended: new Counter({ ...METRIC.ended, labelNames: ['state'] as const, registers }),
  }
}
