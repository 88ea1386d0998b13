import * as v from 'valibot'
import { isCount, isText, isTextList } from './checks.js'
import { listOf, recordOf } from './recordOf.js'

/** A non-negative whole number. */
const Count = v.pipe(v.number(), v.integer(), v.minValue(0))

const IdLists = recordOf(isTextList, 'id lists')

/** One of the containers a question starts from. */
export interface WireSeed {
  container_id: string
  container_name?: string | null
  lot_id?: string | null
}

export function isSeed(value: unknown): value is WireSeed {
  if (typeof value !== 'object' || value === null) return false
  const { container_id, container_name, lot_id } = value as Record<string, unknown>
  return isText(container_id) && isTextOrNothing(container_name) && isTextOrNothing(lot_id)
}

function isTextOrNothing(value: unknown): value is string | null | undefined {
  return value === null || value === undefined || isText(value)
}

/** POST /api/trace/seed-resolve, 200 */
export const WireSeedAnswer = v.looseObject({
  seeds: listOf(isSeed, 'seeds'),
  seed_count: v.optional(Count),
  cache_key: v.optional(v.nullable(v.string())),
  /** Of a question by values: those that found nothing, or the first of them. */
  unmatched: v.optional(listOf(isText, 'texts')),
  unmatched_count: v.optional(Count),
})
export type WireSeedAnswer = v.InferOutput<typeof WireSeedAnswer>

/** POST /api/trace/lineage, 200: backward answers carry `ancestors`, forward ones `children_map`. */
export const WireLineageAnswer = v.looseObject({
  ancestors: v.optional(IdLists),
  children_map: v.optional(IdLists),
  seed_roots: v.optional(recordOf(isText, 'texts')),
  roots: v.optional(v.array(v.string())),
  names: v.optional(recordOf(isText, 'texts')),
  total_nodes: v.optional(Count),
  total_ancestor_count: v.optional(Count),
  lineage_id: v.optional(v.nullable(v.string())),
  /** Number of CIDs an events request with `lineage_id` will ask for. */
  cid_count: v.optional(Count),
})
export type WireLineageAnswer = v.InferOutput<typeof WireLineageAnswer>

/** One domain of a JSON result. */
export interface WireDomainResult {
  data: unknown[]
  count?: number
  total?: number
}

export function isDomainResult(value: unknown): value is WireDomainResult {
  if (typeof value !== 'object' || value === null) return false
  const { data, count, total } = value as Record<string, unknown>
  return Array.isArray(data) && [count, total].every((n) => n === undefined || isCount(n))
}

/** POST /api/trace/events, 200, and GET /api/trace/job/:id/result */
export const WireEventsAnswer = v.looseObject({
  results: recordOf(isDomainResult, 'domains with data'),
  aggregation: v.optional(v.nullable(v.unknown())),
  error: v.optional(v.nullable(v.string())),
  code: v.optional(v.nullable(v.string())),
  failed_domains: v.optional(v.array(v.string())),
})
export type WireEventsAnswer = v.InferOutput<typeof WireEventsAnswer>

/** POST /api/trace/events or events-async, 202 */
export const WireJobAccepted = v.looseObject({
  async: v.literal(true),
  job_id: v.string(),
  status_url: v.pipe(v.string(), v.minLength(1)),
  stream_url: v.optional(v.nullable(v.string())),
  follow_url: v.optional(v.nullable(v.string())),
  result_url: v.optional(v.nullable(v.string())),
  cancel_url: v.optional(v.nullable(v.string())),
  domains: v.optional(v.nullable(v.array(v.string()))),
  cid_count: v.optional(v.nullable(Count)),
  estimated_seconds: v.optional(v.nullable(v.number())),
  joined: v.optional(v.boolean()),
  age_seconds: v.optional(v.nullable(v.number())),
})
export type WireJobAccepted = v.InferOutput<typeof WireJobAccepted>

/** `progress_detail` of a job's status, and the `progress` stream line. */
export const WireProgress = v.looseObject({
  phase: v.optional(v.nullable(v.string())),
  domain: v.optional(v.nullable(v.string())),
  cids_done: v.optional(v.nullable(v.number())),
  cids_total: v.optional(v.nullable(v.number())),
  seeds_done: v.optional(v.nullable(v.number())),
  seeds_total: v.optional(v.nullable(v.number())),
  rows: v.optional(v.nullable(v.number())),
  bytes: v.optional(v.nullable(v.number())),
  fraction: v.optional(v.nullable(v.number())),
  rows_per_second: v.optional(v.nullable(v.number())),
  eta_seconds: v.optional(v.nullable(v.number())),
  queue_position: v.optional(v.nullable(v.number())),
  attempt: v.optional(v.nullable(v.number())),
})
export type WireProgress = v.InferOutput<typeof WireProgress>

/** GET /api/trace/job/:id, 200 */
export const WireJobStatus = v.looseObject({
  job_id: v.string(),
  status: v.string(),
  profile: v.optional(v.nullable(v.string())),
  cid_count: v.optional(v.nullable(v.number())),
  domains: v.optional(v.nullable(v.array(v.string()))),
  progress: v.optional(v.nullable(v.string())),
  progress_detail: v.optional(v.nullable(WireProgress)),
  created_at: v.optional(v.nullable(v.number())),
  started_at: v.optional(v.nullable(v.number())),
  completed_at: v.optional(v.nullable(v.number())),
  expires_at: v.optional(v.nullable(v.number())),
  elapsed_seconds: v.optional(v.nullable(v.number())),
  error: v.optional(v.nullable(v.string())),
  error_code: v.optional(v.nullable(v.string())),
})
export type WireJobStatus = v.InferOutput<typeof WireJobStatus>
