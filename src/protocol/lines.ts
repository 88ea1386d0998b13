import * as v from 'valibot'
import { WireEventsAnswer, WireProgress } from './answers.js'
import { isCount } from './checks.js'
import { recordOf } from './recordOf.js'

const Count = v.pipe(v.number(), v.integer(), v.minValue(0))
const Seq = v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)))

/** The lines of a trace stream, by `type`. Unknown fields are kept; of an unknown type only its `seq` counts. */
export const WIRE_LINES = {
  meta: v.looseObject({
    type: v.literal('meta'),
    seq: Seq,
    epoch: v.optional(v.nullable(v.string())),
    job_id: v.optional(v.nullable(v.string())),
    profile: v.optional(v.nullable(v.string())),
    domains: v.optional(v.array(v.string())),
    interleaved: v.optional(v.boolean()),
  }),
  domain_start: v.looseObject({
    type: v.literal('domain_start'),
    seq: Seq,
    domain: v.string(),
    total: v.optional(v.nullable(Count)),
  }),
  records: v.looseObject({
    type: v.literal('records'),
    seq: Seq,
    domain: v.string(),
    batch: Count,
    count: Count,
    data: v.array(v.unknown()),
  }),
  domain_end: v.looseObject({ type: v.literal('domain_end'), seq: Seq, domain: v.string(), count: Count }),
  domain_failed: v.looseObject({
    type: v.literal('domain_failed'),
    seq: Seq,
    domain: v.string(),
    code: v.string(),
    from_seq: Seq,
  }),
  unmatched: v.looseObject({
    type: v.literal('unmatched'),
    seq: Seq,
    count: Count,
    values: v.array(v.string()),
  }),
  skipped: v.looseObject({ type: v.literal('skipped'), seq: Seq, from_seq: Seq }),
  progress: v.looseObject({ ...WireProgress.entries, type: v.literal('progress') }),
  reset: v.looseObject({ type: v.literal('reset'), epoch: v.string() }),
  aggregation: v.looseObject({ type: v.literal('aggregation'), data: v.unknown() }),
  warning: v.looseObject({
    type: v.literal('warning'),
    code: v.string(),
    failed_domains: v.optional(v.array(v.string())),
  }),
  error: v.looseObject({
    type: v.literal('error'),
    message: v.optional(v.string()),
    code: v.optional(v.string()),
    retryable: v.optional(v.boolean()),
    retry_after_seconds: v.optional(v.number()),
  }),
  complete: v.looseObject({
    type: v.literal('complete'),
    total_records: Count,
    domains: v.optional(recordOf(isCount, 'counts')),
  }),
} as const

/** An old result in one line. The decoder takes it apart into the lines of a stream. */
export const WIRE_FULL_RESULT = v.looseObject({ type: v.literal('full_result'), data: WireEventsAnswer })

export type WireLineType = keyof typeof WIRE_LINES
export type WireLine = { [T in WireLineType]: v.InferOutput<(typeof WIRE_LINES)[T]> }[WireLineType]
export type WireLineOf<T extends WireLineType> = Extract<WireLine, { type: T }>
