import { createBrowserEnvironment, createFetchTransport, RecordList, runTrace } from 'vue-trace-progress/core'
import { rowsSource, type Clock, type TraceSource } from 'vue-trace-progress/testing/source'

export const source: TraceSource = rowsSource({ rows: { materials: [{ CONTAINERID: 'C1' }] } })
export const clock: Pick<Clock, 'sleep'> | null = null
export const parts = [createBrowserEnvironment, createFetchTransport, RecordList, runTrace]
