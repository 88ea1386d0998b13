import type { PackedBatch } from './PackedBatch.js'

/** Lines of NDJSON, or one JSON object as `POST /api/trace/events` answers: its rows come as a stream's would. */
export type TraceFormat = 'lines' | 'answer'

/** Bytes in, decoded lines out. */
export interface TraceDecoder {
  /**
   * Decodes one chunk: lines in order, and between them `null`, at least once per 256 rows, as a place to
   * let others work.
   *
   * @throws {TraceError} `MALFORMED_LINE` when a line is no JSON, `UNEXPECTED_RESPONSE` when an answer is none,
   *   `LINE_TOO_LONG`
   */
  lines: (chunk: Uint8Array) => Generator<DecodedLine | null, void>
  /**
   * Says that no more bytes come; gives what is left.
   *
   * @throws {TraceError} `STREAM_TRUNCATED`, or as `lines`
   */
  end: () => DecodedLine[]
}

/** One line as it travels: parsed, and the rows of a `records` line packed. */
export interface DecodedLine {
  /** From 1; blank lines count. `null` in an answer, which has none. */
  lineNumber: number | null
  /** Not validated. An empty list stands for the `data` that is in `rows`. */
  value: unknown
  rows: PackedBatch | null
}

/** The last line of a whole answer, whose rows have come before it. */
export interface FullResultValue {
  type: 'full_result'
  /** Not validated; empty lists stand for the rows. */
  data: unknown
  /** Rows by domain. */
  counts: ReadonlyMap<string, number>
}

/** Of a decoded line's value; before that, it has its rows in it and no counts. */
export function isFullResult(value: unknown): value is FullResultValue {
  return typeof value === 'object' && value !== null && 'type' in value && value.type === 'full_result'
}
