import { SourceDescription } from './description.js'
import * as v from 'valibot'
import { isTraceErrorCode, TRACE_ERRORS, TraceError, type TraceErrorCode } from '../errors.js'
import {
  WireEventsAnswer,
  WireJobAccepted,
  WireJobStatus,
  WireLineageAnswer,
  WireSeedAnswer,
  type WireProgress,
} from './answers.js'
import { isCount } from './checks.js'
import { WIRE_LINES, type WireLine, type WireLineType } from './lines.js'
import type {
  EventsAnswer,
  JobAccepted,
  JobProgressDetail,
  JobStatus,
  LineageAnswer,
  Seed,
  SeedAnswer,
  StreamEvent,
  Unmatched,
} from './model.js'
import { secondsAsMs } from './retryAfter.js'
import { JOB_PHASES, JOB_STATES, type JobPhase, type JobState } from './vocabulary.js'

/** Parses `value` or says in one sentence which field has the wrong type. */
function parse<TSchema extends v.GenericSchema>(
  schema: TSchema,
  value: unknown,
  what: string,
  code: TraceErrorCode = 'UNEXPECTED_RESPONSE',
): v.InferOutput<TSchema> {
  const result = v.safeParse(schema, value, { abortEarly: true })
  if (result.success) return result.output
  const [issue] = result.issues
  const path = v.getDotPath(issue)
  throw new TraceError(
    code,
    `The ${what} is not as the protocol says${path ? `, at "${path}"` : ''}: ${issue.message}`,
  )
}

/** Items of a long list or map between two places to stop. */
const STEP_ITEMS = 1_000

/**
 * `parse` in steps, for answers with long lists and maps: checking the ancestors of 57,000 seeds at once held a page for
 * 60 ms.
 */
function* parseInSteps<TSchema extends v.LooseObjectSchema<v.ObjectEntries, undefined>>(
  schema: TSchema,
  value: unknown,
  what: string,
): Generator<void, v.InferOutput<TSchema>> {
  if (typeof value !== 'object' || value === null) return parse(schema, value, what)
  /** With the checked ones empty. */
  const rest: Record<string, unknown> = { ...value }
  for (const [name, field] of Object.entries(schema.entries)) {
    const check = itemCheckOf(field)
    const items = rest[name]
    if (!check || typeof items !== 'object' || items === null) continue
    const list = Object.values(items)
    for (let i = 0; i < list.length; i++) {
      if (i % STEP_ITEMS === 0) yield
      // All at once, for the words.
      if (!check(list[i])) return parse(schema, value, what)
    }
    rest[name] = Array.isArray(items) ? [] : {}
  }
  parse(schema, rest, what)
  return value as v.InferOutput<TSchema>
}

/** Of a `listOf` or `recordOf`, which may be optional. */
function itemCheckOf(field: object): ((item: unknown) => boolean) | null {
  if ('wrapped' in field) return itemCheckOf(field.wrapped as object)
  const { itemCheck, valueCheck } = field as Partial<Record<string, (item: unknown) => boolean>>
  return itemCheck ?? valueCheck ?? null
}

/** @throws {TraceError} `UNEXPECTED_RESPONSE` */
export function* seedAnswerInSteps(value: unknown): Generator<void, SeedAnswer> {
  const wire = yield* parseInSteps(WireSeedAnswer, value, 'seed-resolve answer')
  const seeds: Seed[] = []
  for (const [i, seed] of wire.seeds.entries()) {
    if (i % STEP_ITEMS === 0) yield
    seeds.push({
      containerId: seed.container_id,
      containerName: seed.container_name ?? null,
      lotId: seed.lot_id ?? null,
    })
  }
  return { seeds, cacheKey: wire.cache_key ?? null, unmatched: unmatchedOf(wire) }
}

function unmatchedOf({ unmatched: values, unmatched_count: count }: WireSeedAnswer): Unmatched | null {
  if (!values && count === undefined) return null
  return { count: count ?? values!.length, values: values ?? [] }
}

/** @throws {TraceError} `UNEXPECTED_RESPONSE` */
export function* lineageAnswerInSteps(value: unknown): Generator<void, LineageAnswer> {
  const wire = yield* parseInSteps(WireLineageAnswer, value, 'lineage answer')
  return {
    ancestors: wire.ancestors ?? null,
    childrenMap: wire.children_map ?? null,
    seedRoots: wire.seed_roots ?? null,
    lineageId: wire.lineage_id ?? null,
    cidCount: wire.cid_count ?? null,
    totalNodes: wire.total_nodes ?? null,
    totalAncestorCount: wire.total_ancestor_count ?? null,
    eventsJson: null,
    raw: wire,
  }
}

export function jobAccepted(value: unknown): JobAccepted {
  const wire = parse(WireJobAccepted, value, '202 answer')
  return {
    jobId: wire.job_id,
    statusUrl: wire.status_url,
    streamUrl: wire.stream_url || null,
    followUrl: wire.follow_url || null,
    resultUrl: wire.result_url || null,
    cancelUrl: wire.cancel_url || null,
    ...(wire.domains ? { domains: wire.domains } : {}),
    cidCount: wire.cid_count ?? null,
    estimatedSeconds: wire.estimated_seconds ?? null,
    joined: wire.joined ?? false,
    ageSeconds: wire.age_seconds ?? null,
  }
}

/** @throws {TraceError} `UNEXPECTED_RESPONSE` */
export function sourceDescription(value: unknown): SourceDescription {
  return parse(SourceDescription, value, 'description of the server')
}

/** Whether a body is a 202's: the original is told by `async` and `status_url`, not by its status alone. */
export function isJobAccepted(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'async' in value && value.async === true
}

/** What job states are called by the queues in use: RQ, BullMQ, Celery, Sidekiq, and others alike. */
const STATES = {
  queued:
    'queued enqueued pending waiting waiting_children prioritized paused delayed deferred scheduled received ' +
    'created accepted submitted new retry retrying interrupted',
  running: 'running started active progress in_progress processing working busy',
  completed: 'completed complete finished done success succeeded successful',
  failed: 'failed failure error errored rejected dead timeout timed_out',
  cancelled: 'cancelled canceled stopped revoked aborted killed terminated',
} as const satisfies Record<JobState, string>

/** A state in any case and spelling, as a word of ours. */
function jobState(name: string): JobState | 'unknown' {
  const word = name.trim().toLowerCase().replace(/[\s-]/g, '_')
  return JOB_STATES.find((state) => STATES[state].split(' ').includes(word)) ?? 'unknown'
}

export function jobStatus(value: unknown): JobStatus {
  const wire = parse(WireJobStatus, value, 'job status')
  const state = jobState(wire.status)
  // The original vocabulary has no cancelled state: our server then says failed, with this error.
  const cancelled = state === 'failed' && wire.error === 'cancelled'
  return {
    jobId: wire.job_id,
    status: cancelled ? 'cancelled' : state,
    serverStatus: wire.status,
    profile: wire.profile ?? null,
    cidCount: wire.cid_count ?? null,
    domains: wire.domains ?? [],
    progress: wire.progress ?? '',
    detail: wire.progress_detail ? progressDetail(wire.progress_detail) : null,
    createdAt: wire.created_at ?? null,
    startedAt: wire.started_at ?? null,
    completedAt: wire.completed_at ?? null,
    expiresAt: wire.expires_at ?? null,
    elapsedSeconds: wire.elapsed_seconds ?? null,
    error: wire.error ?? null,
    errorCode: isTraceErrorCode(wire.error_code) ? wire.error_code : null,
  }
}

export function progressDetail(wire: WireProgress): JobProgressDetail {
  return {
    phase: JOB_PHASES.includes(wire.phase as JobPhase) ? (wire.phase as JobPhase) : null,
    domain: wire.domain ?? null,
    cidsDone: wire.cids_done ?? null,
    cidsTotal: wire.cids_total ?? null,
    seedsDone: wire.seeds_done ?? null,
    seedsTotal: wire.seeds_total ?? null,
    rows: wire.rows ?? null,
    bytes: wire.bytes ?? null,
    fraction: wire.fraction ?? null,
    rowsPerSecond: wire.rows_per_second ?? null,
    etaSeconds: wire.eta_seconds ?? null,
    queuePosition: wire.queue_position ?? null,
    attempt: wire.attempt ?? null,
  }
}

export function eventsAnswer(value: unknown): EventsAnswer {
  const wire = parse(WireEventsAnswer, value, 'events answer')
  const results = new Map(
    Object.entries(wire.results).map(([domain, { data, count, total }]) => [
      domain,
      { rows: data, count: count ?? null, total: total ?? null },
    ]),
  )
  return { results, aggregation: wire.aggregation ?? null, failedDomains: wire.failed_domains ?? [] }
}

/**
 * The lines that would end a stream of the same answer; `value` is a whole answer without its rows, which came before.
 *
 * @param counts rows that came, by domain
 * @throws {TraceError} `UNEXPECTED_RESPONSE`
 */
export function closingEvents(value: unknown, counts: ReadonlyMap<string, number>): StreamEvent<never>[] {
  const { results, aggregation, failedDomains } = eventsAnswer(value)
  const domains = new Map<string, number>()
  for (const [domain, { count, total }] of results) {
    const received = counts.get(domain) ?? 0
    domains.set(domain, [count, total].find((n) => n !== null && n !== received) ?? received)
  }
  const events: StreamEvent<never>[] = []
  if (failedDomains.length > 0)
    events.push({ type: 'warning', code: 'EVENTS_PARTIAL_FAILURE', failedDomains })
  if (aggregation !== null) events.push({ type: 'aggregation', data: aggregation })
  for (const domain of failedDomains) domains.delete(domain)
  const totalRecords = [...domains.values()].reduce((sum, count) => sum + count, 0)
  return [...events, { type: 'complete', totalRecords, domains }]
}

/**
 * One parsed stream line as an event. A type this client does not know is `unknown` where it has a place in the log, else
 * `null`.
 *
 * @param toRows makes the rows of a `records` line out of its `data`
 * @throws {TraceError} `MALFORMED_LINE` when a known type has fields of the wrong type
 */
export function streamEvent<TRows>(
  value: unknown,
  line: number,
  toRows: (data: unknown[]) => TRows,
): StreamEvent<TRows> | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || !('type' in value)) {
    throw new TraceError('MALFORMED_LINE', `Line ${line} of the stream is not an object with a type`, {
      line,
    })
  }
  const type = value.type
  if (typeof type !== 'string') {
    throw new TraceError('MALFORMED_LINE', `Line ${line} of the stream has a type that is not text`, { line })
  }
  if (!Object.hasOwn(WIRE_LINES, type)) {
    return 'seq' in value && isSeq(value.seq) ? { type: 'unknown', seq: value.seq } : null
  }
  const result = v.safeParse(WIRE_LINES[type as WireLineType] as v.GenericSchema<unknown, WireLine>, value, {
    abortEarly: true,
  })
  if (!result.success) {
    const [issue] = result.issues
    throw new TraceError(
      'MALFORMED_LINE',
      `Line ${line} of the stream ("${type}") has a wrong "${v.getDotPath(issue)}": ${issue.message}`,
      { line },
    )
  }
  return fromLine(result.output, toRows)
}

function isSeq(value: unknown): value is number {
  return isCount(value) && value > 0
}

/** The original's `error` lines have no code, and are told by their words. */
const ORIGINAL_ERRORS: Readonly<Record<string, TraceErrorCode>> = {
  'result not found': 'JOB_RESULT_EXPIRED',
  'Redis unavailable': 'STORE_UNAVAILABLE',
}

function fromLine<TRows>(wire: WireLine, toRows: (data: unknown[]) => TRows): StreamEvent<TRows> {
  switch (wire.type) {
    case 'meta':
      return {
        type: 'meta',
        seq: wire.seq ?? null,
        epoch: wire.epoch ?? null,
        jobId: wire.job_id ?? null,
        profile: wire.profile ?? null,
        domains: wire.domains ?? [],
        isInterleaved: wire.interleaved ?? false,
      }
    case 'domain_start':
      return { type: 'domain_start', seq: wire.seq ?? null, domain: wire.domain, total: wire.total ?? null }
    case 'records':
      return {
        type: 'records',
        seq: wire.seq ?? null,
        domain: wire.domain,
        batch: wire.batch,
        count: wire.count,
        rows: toRows(wire.data),
      }
    case 'domain_end':
      return { type: 'domain_end', seq: wire.seq ?? null, domain: wire.domain, count: wire.count }
    case 'domain_failed':
      return {
        type: 'domain_failed',
        seq: wire.seq ?? null,
        domain: wire.domain,
        code: wire.code,
        fromSeq: wire.from_seq ?? null,
      }
    case 'unmatched':
      return { type: 'unmatched', seq: wire.seq ?? null, count: wire.count, values: wire.values }
    case 'skipped':
      return { type: 'skipped', seq: wire.seq ?? null, fromSeq: wire.from_seq ?? null }
    case 'progress':
      return { type: 'progress', progress: progressDetail(wire) }
    case 'reset':
      return { type: 'reset', epoch: wire.epoch }
    case 'aggregation':
      return { type: 'aggregation', data: wire.data }
    case 'warning':
      return { type: 'warning', code: wire.code, failedDomains: wire.failed_domains ?? [] }
    case 'error': {
      const { message = 'the server reported an error' } = wire
      const known = Object.hasOwn(ORIGINAL_ERRORS, message) ? ORIGINAL_ERRORS[message]! : null
      return {
        type: 'error',
        message,
        code: wire.code ?? known,
        retryable: wire.retryable ?? (known !== null && TRACE_ERRORS[known].retryable),
        retryAfterMs: secondsAsMs(wire.retry_after_seconds) ?? null,
      }
    }
    case 'complete':
      return {
        type: 'complete',
        totalRecords: wire.total_records,
        domains: wire.domains ? new Map(Object.entries(wire.domains)) : null,
      }
  }
}
