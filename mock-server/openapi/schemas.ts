import * as v from 'valibot'
import { TRACE_ERRORS, type TraceErrorCode } from '../../src/errors.js'
import {
  DIRECTIONS,
  JOB_PHASES,
  JOB_STATES,
  LIMITS,
  SourceDescription,
  WIRE_FULL_RESULT,
  WIRE_LINES,
  WireEventsAnswer,
  WireJobAccepted,
  WireJobStatus,
  WireLineageAnswer,
  WireProgress,
  WireSeedAnswer,
} from '../../src/protocol/index.js'

/**
 * What goes over the wire, by its names in the document. Answers are the schemas the client reads with: what is
 * optional may be missing in an answer of the original. Requests are as a careful client writes them; servers
 * forgive more, as `docs/protocol.md` says.
 */

const Id = v.pipe(v.string(), v.minLength(1), v.maxLength(LIMITS.maxIdLength))
const Ids = v.pipe(v.array(Id), v.minLength(1))
const Values = v.pipe(Ids, v.maxLength(LIMITS.maxValues))
const IdLists = v.record(v.string(), v.array(Id))
const Day = v.pipe(v.string(), v.isoDate())
const Count = v.pipe(v.number(), v.integer(), v.minValue(0))

/** Those of the server: `GET /api/trace/describe` names them. */
const Name = v.pipe(v.string(), v.regex(/^[A-Za-z][\w-]{0,63}$/))
const Profile = Name
const Domain = Name
const CacheKey = v.nullish(v.string())
const Domains = v.pipe(v.array(Domain), v.minLength(1))

/** What a job answers: an events request, or a whole question. */
const JobKind = v.picklist(['events', 'run'])
/** In either vocabulary: that of the original has `started` and `finished`. */
const JobState = v.picklist([...JOB_STATES, 'started', 'finished'])
const JobProgress = v.looseObject({
  ...WireProgress.entries,
  phase: v.optional(v.nullable(v.picklist(JOB_PHASES))),
})

/** What is asked, as the profile is described: values, dates and station, params of its own. */
const Params = v.looseObject({
  resolve_type: v.optional(Name),
  values: v.optional(Values),
  mode: v.optional(v.picklist(['date_range', 'container'])),
  start_date: v.optional(Day),
  end_date: v.optional(Day),
  date_range: v.optional(v.pipe(v.array(Day), v.length(2))),
  station: v.optional(v.string()),
  direction: v.optional(v.picklist(DIRECTIONS)),
  loss_reasons: v.optional(v.array(v.string())),
})

const { progress: ProgressLine, ...otherLines } = WIRE_LINES

/** Codes that an error answer may carry; the others arise in jobs and clients. */
const ANSWERED = (Object.keys(TRACE_ERRORS) as TraceErrorCode[]).filter(
  (code) => TRACE_ERRORS[code].status >= 400,
)
const FROM_JOBS = ['JOB_CANCELLED', 'CHUNK_MISSING'] as const satisfies TraceErrorCode[]
const ErrorDetail = v.looseObject({ code: v.picklist([...ANSWERED, ...FROM_JOBS]), message: v.string() })

export const SCHEMAS = {
  Profile,
  Domain,
  JobState,
  JobProgress,
  Params,

  SeedRequest: v.looseObject({ profile: Profile, params: Params }),
  RunRequest: v.looseObject({ profile: Profile, params: Params, domains: v.nullish(Domains) }),
  LineageRequest: v.looseObject({
    profile: Profile,
    container_ids: Ids,
    params: v.nullish(Params),
    cache_key: CacheKey,
  }),
  EventsRequest: v.union([
    v.looseObject({
      profile: Profile,
      domains: Domains,
      container_ids: Ids,
      seed_container_ids: v.optional(v.array(Id)),
      lineage: v.nullish(
        v.looseObject({
          ancestors: v.nullish(IdLists),
          children_map: v.nullish(IdLists),
          seed_roots: v.nullish(v.record(v.string(), v.string())),
        }),
      ),
      params: v.nullish(Params),
      cache_key: CacheKey,
    }),
    v.looseObject({
      profile: Profile,
      domains: Domains,
      lineage_id: v.pipe(v.string(), v.minLength(1)),
      params: v.nullish(Params),
      cache_key: CacheKey,
    }),
  ]),

  SourceDescription,

  SeedAnswer: v.looseObject({ stage: v.literal('seed-resolve'), ...WireSeedAnswer.entries }),
  LineageAnswer: v.looseObject({ stage: v.literal('lineage'), ...WireLineageAnswer.entries }),
  LossReasons: v.looseObject({ loss_reasons: v.optional(v.nullable(v.array(v.string()))) }),
  Aggregation: v.looseObject({ aggregation: v.record(v.string(), v.unknown()) }),
  EventsAnswer: v.looseObject({
    stage: JobKind,
    ...WireEventsAnswer.entries,
    code: v.optional(v.literal('EVENTS_PARTIAL_FAILURE')),
  }),
  JobAccepted: v.looseObject({ stage: JobKind, ...WireJobAccepted.entries }),
  JobStatus: v.looseObject({
    ...WireJobStatus.entries,
    status: JobState,
    progress_detail: v.optional(v.nullable(JobProgress)),
  }),
  StreamLine: v.variant('type', [
    ...Object.values(otherLines),
    WIRE_FULL_RESULT,
    v.looseObject({ ...JobProgress.entries, ...v.pick(ProgressLine, ['type']).entries }),
  ]),
  Row: v.record(v.string(), v.unknown()),

  Health: v.looseObject({ status: v.literal('ok') }),
  Readiness: v.looseObject({
    status: v.picklist(['ready', 'unready']),
    store: v.picklist(['ok', 'unavailable']),
    queue: v.nullable(v.looseObject({ workers: Count, waiting: Count, running: Count })),
  }),

  Error: v.looseObject({
    success: v.literal(false),
    error: ErrorDetail,
    meta: v.looseObject({ timestamp: v.string(), retry_after_seconds: v.optional(Count) }),
  }),
  /** 409 has a form of its own. */
  Conflict: v.looseObject({ error: ErrorDetail, status: JobState }),
}

export type SchemaName = keyof typeof SCHEMAS
