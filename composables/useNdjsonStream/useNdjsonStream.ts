import { tryOnScopeDispose } from '@vueuse/core'
import { shallowReadonly, shallowRef, toValue, watch, type MaybeRefOrGetter, type ShallowRef } from 'vue'
import { toTraceError, TraceError } from '../../src/errors.js'
import { isRow, type Row } from '../../src/records/Row.js'
import { RecordList } from '../../src/records/RecordList.js'
import { rowsToBatch } from '../../src/records/rowsToBatch.js'
import { useClient } from '../client/useClient.js'
import { createCoalescer } from '../coalesce.js'
import type { TraceSettings } from '../createTrace/createTrace.js'
import { useTraceSettings } from '../createTrace/useTraceSettings.js'
import { useStarter } from '../useStarter.js'

export interface UseNdjsonStreamOptions extends TraceSettings {
  /** The rows of a line; default: each line is one row, except the last line of `isEnd`. */
  rowsOf?: (line: unknown) => readonly unknown[]
  /**
   * Tells the last line. A stream that ends without it was cut, and nothing may follow it. Default: the stream's end
   * is the end.
   */
  isEnd?: (line: unknown) => boolean
}

export interface UseNdjsonStreamReturn<TRow extends object = Row> {
  /** Rows so far; grows while they arrive. */
  records: Readonly<ShallowRef<RecordList<TRow>>>
  error: Readonly<ShallowRef<TraceError | null>>
  isStreaming: Readonly<ShallowRef<boolean>>
  /** Whether the stream came to its end as it should. */
  isComplete: Readonly<ShallowRef<boolean>>
  stop: () => void
}

/**
 * Reads one NDJSON stream into rows, of any API. A change of `url`, `null`, or the scope's end, drops the old
 * stream at once; what was read of a stopped or broken one stays readable.
 */
export function useNdjsonStream<TRow extends object = Row>(
  url: MaybeRefOrGetter<string | null>,
  options: UseNdjsonStreamOptions = {},
): UseNdjsonStreamReturn<TRow> {
  const settings = useTraceSettings(options)
  const { context, environment } = settings
  const { load } = useClient()
  const starter = useStarter('useNdjsonStream', settings)
  const records = shallowRef(RecordList.empty<TRow>())
  const error = shallowRef<TraceError | null>(null)
  const isStreaming = shallowRef(false)
  const isComplete = shallowRef(false)
  let latest = records.value
  const frame = createCoalescer(() => (records.value = latest), environment)
  let controller = new AbortController()

  function stop() {
    starter.drop()
    controller.abort()
    if (isStreaming.value) frame.now()
    isStreaming.value = false
  }

  async function follow(from: string) {
    const { signal } = (controller = new AbortController())
    let hasEnded = false
    isStreaming.value = true

    /** Line by line: an error names its line, and the rows before it are kept. */
    function read(line: unknown): readonly Row[] {
      if (hasEnded) throw new TraceError('MALFORMED_LINE', 'it comes after the end')
      const isLast = options.isEnd?.(line) ?? false
      const rows = options.rowsOf?.(line) ?? (isLast ? [] : [line])
      if (!rows.every(isRow)) throw new TraceError('UNEXPECTED_RESPONSE', 'a row of it is not an object')
      hasEnded = isLast
      return rows
    }

    try {
      const { readNdjson } = await load()
      for await (const rows of readNdjson(from, context(signal), read)) {
        if (signal.aborted) return
        latest = latest.append(rowsToBatch(rows.flat()))
        frame.soon()
      }
      if (options.isEnd && !hasEnded)
        throw new TraceError('STREAM_TRUNCATED', 'The stream ended without its last line')
      isComplete.value = !signal.aborted
    } catch (cause) {
      if (signal.aborted) return
      const fault = toTraceError(cause)
      // After the last line it does not matter how the connection ends.
      if (hasEnded && fault.line === undefined) isComplete.value = true
      else error.value = fault
    } finally {
      if (!signal.aborted) stop()
    }
  }

  function begin(from: string | null) {
    stop()
    latest = RecordList.empty<TRow>()
    frame.now()
    error.value = null
    isComplete.value = false
    if (from) starter.begin(() => void follow(from))
  }

  // sync: a line of the old stream must not land before the change is seen.
  watch(() => toValue(url), begin, { immediate: true, flush: 'sync' })
  tryOnScopeDispose(stop)

  return {
    records: shallowReadonly(records),
    error: shallowReadonly(error),
    isStreaming: shallowReadonly(isStreaming),
    isComplete: shallowReadonly(isComplete),
    stop,
  }
}
