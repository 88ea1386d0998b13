import { expectTypeOf } from 'vitest'
import { computed } from 'vue'
import type { TraceTable } from '../../components/index.js'
import type { JobStatus, RecordList, Row, Stage, TraceError } from '../index.js'
import { useJobPolling, useTraceProgress } from '../index.js'

interface HistoryRow {
  CONTAINERID: string
  TRACKINQTY: number | null
}

const trace = useTraceProgress({ profile: 'query_tool' })
const { state } = trace

// The union narrows on `status`, through the ref and through `computed`.
if (state.value.status === 'failed') {
  expectTypeOf(state.value.error).toEqualTypeOf<TraceError>()
  expectTypeOf(state.value.stage).toEqualTypeOf<Stage>()
}
if (state.value.status === 'partial') {
  expectTypeOf(state.value.failedDomains).toEqualTypeOf<readonly string[]>()
  expectTypeOf(state.value.error).toEqualTypeOf<TraceError>()
}
if (state.value.status === 'complete') {
  expectTypeOf(state.value.error).toEqualTypeOf<null>()
  // @ts-expect-error a complete result has no failed domains
  void state.value.failedDomains
}
if (state.value.status === 'running') expectTypeOf(state.value.stage).toEqualTypeOf<Stage>()
expectTypeOf(
  computed(() => (state.value.status === 'failed' ? state.value.error.code : null)).value,
).not.toBeAny()

// Without rows of its own, a domain is a list of plain rows, and may be absent.
expectTypeOf(trace.domains.value.history).toEqualTypeOf<RecordList<Row> | undefined>()
expectTypeOf(trace.error.value).toEqualTypeOf<TraceError | null>()

// With them, each domain has its own rows, interfaces too.
const typed = useTraceProgress<{ history: HistoryRow }>({ profile: 'query_tool' })
expectTypeOf(typed.domains.value.history!.at(0)!.CONTAINERID).toEqualTypeOf<string>()
expectTypeOf(typed.domains.value.history!.at(0)!.TRACKINQTY).toEqualTypeOf<number | null>()
// @ts-expect-error no such column
void typed.domains.value.history!.at(0)!.NOPE
// @ts-expect-error nor here
typed.domains.value.history!.column('NOPE')
// @ts-expect-error nor here
typed.domains.value.history!.sortBy('NOPE')
// @ts-expect-error nor here
typed.domains.value.history!.filter((row) => row.NOPE === 1)
expectTypeOf(trace.domains.value.history!.column('ANY').name).toEqualTypeOf<string>()
// A table takes typed rows.
expectTypeOf(typed.domains.value.history!).toExtend<InstanceType<typeof TraceTable>['$props']['rows']>()
// @ts-expect-error no such domain
void typed.domains.value.holds

// State is read only.
// @ts-expect-error state is replaced by the composable alone
trace.state.value = trace.state.value
// @ts-expect-error so is every part of it
trace.state.value.completedStages.push('events')

expectTypeOf(useJobPolling('/x').job.value).toEqualTypeOf<JobStatus | null>()
const other = useJobPolling('/x', {
  read: (body) => body as { pages: number },
  isDone: ({ pages }) => pages > 2,
})
expectTypeOf(other.job.value).toEqualTypeOf<{ pages: number } | null>()
// @ts-expect-error another API's status needs a reader
useJobPolling('/x', { isDone: () => true })
