import type { TraceErrorCode } from '../../src/errors.js'
import type { ROUTES } from '../http/createTraceApi.js'
import { EXPORT_FORMATS } from '../services/jobs/exportDomain.js'
import type { SchemaName } from './schemas.js'

/** What one endpoint takes and gives, beyond what its schemas say. */
export interface Operation {
  summary: string
  body?: SchemaName
  /** Query parameters and request headers, by name. */
  query?: Record<string, Parameter>
  headers?: Record<string, Parameter>
  /** Everything but errors, by status. */
  answers: Record<number, Answer>
  /** Codes of its errors; one that is not answered with its usual status says with which. */
  errors: readonly (TraceErrorCode | { code: TraceErrorCode; statuses: readonly number[] })[]
}

export interface Parameter {
  description: string
  schema?: Record<string, unknown>
}

export interface Answer {
  description: string
  /** By media type: a schema, or bytes that are none of JSON's. */
  content: Record<string, SchemaName | null>
  headers?: Record<string, string>
}

type Routes = typeof ROUTES
/** One for each route and method, and none beside them. */
type Operations = { [Path in keyof Routes]: Record<keyof Routes[Path], Operation> }

const JSON_TYPE = 'application/json'
const LINES = 'application/x-ndjson'
const PARQUET = 'application/vnd.apache.parquet'

const WHOLE_NUMBER = { type: 'integer', minimum: 0 }
const DOMAIN: Parameter = { description: 'Name of a domain.' }
const FRESH = { 'Cache-Control': { description: '`no-cache`: an answer from a cache will not do.' } }
const WAIT = { 'Retry-After': 'When to ask again, in seconds.' }

const anyone = ['UNAUTHORIZED', 'TOO_MANY_REQUESTS', 'STORE_UNAVAILABLE', 'INTERNAL_ERROR'] as const
const readsBody = [
  ...anyone,
  'INVALID_PARAMS',
  'INVALID_PROFILE',
  'BODY_TOO_LARGE',
  'UNSUPPORTED_MEDIA_TYPE',
  'REQUEST_TIMEOUT',
  'MEMORY_GUARD',
] as const
const asksSource = ['SOURCE_UNAVAILABLE', 'SOURCE_TIMEOUT', 'SOURCE_MISCONFIGURED'] as const
const ofJob = [...anyone, 'JOB_NOT_FOUND', 'JOB_RESULT_EXPIRED'] as const
const asksForEvents = [
  ...readsBody,
  'CID_LIMIT_EXCEEDED',
  'LINEAGE_NOT_FOUND',
  'QUEUE_UNAVAILABLE',
  'QUEUE_FULL',
] as const
const aggregates = { code: 'EVENTS_AGGREGATION_FAILED', statuses: [400, 500, 503] } as const
/** Known before the answer begins; later the connection breaks off, or an `error` line comes. */
const losesPart = { code: 'CHUNK_MISSING', statuses: [500] } as const

const status: Answer = {
  description: 'The job as it is.',
  content: { [JSON_TYPE]: 'JobStatus' },
  headers: { 'Retry-After': 'When to ask again, in seconds, while the job has not ended.' },
}
const accepted: Answer = {
  description: 'A job, and where everything of it is to be had.',
  content: { [JSON_TYPE]: 'JobAccepted' },
  headers: {
    ...WAIT,
    Location: 'The status.',
    'Preference-Applied': '`respond-async`, where it was asked for.',
  },
}

export const OPERATIONS: Operations = {
  '/api/trace/describe': {
    GET: {
      summary: 'What may be asked of this server, and what its rows are.',
      answers: {
        200: {
          description: 'Profiles with their params, domains with their columns.',
          content: { [JSON_TYPE]: 'SourceDescription' },
        },
      },
      errors: [],
    },
  },
  '/api/trace/seed-resolve': {
    POST: {
      summary: 'Finds the containers a question starts from.',
      body: 'SeedRequest',
      headers: FRESH,
      answers: { 200: { description: 'The seeds; may be none.', content: { [JSON_TYPE]: 'SeedAnswer' } } },
      errors: [
        ...readsBody,
        ...asksSource,
        { code: 'SEED_RESOLVE_FAILED', statuses: [400, 500, 503] },
        losesPart,
      ],
    },
  },
  '/api/trace/lineage': {
    POST: {
      summary: 'Finds where seeds come from, or went to.',
      body: 'LineageRequest',
      headers: {
        ...FRESH,
        Prefer: { description: '`return=minimal`: `lineage_id` and the counts will do.' },
      },
      answers: {
        200: {
          description: '`ancestors` backward, `children_map` forward.',
          content: { [JSON_TYPE]: 'LineageAnswer' },
          headers: { 'Preference-Applied': '`return=minimal`, where it was asked for.' },
        },
      },
      errors: [
        ...readsBody,
        ...asksSource,
        'CID_LIMIT_EXCEEDED',
        'LINEAGE_TIMEOUT',
        'LINEAGE_FAILED',
        losesPart,
      ],
    },
  },
  '/api/trace/events': {
    POST: {
      summary: 'Asks for rows: they are the answer, or a job is.',
      body: 'EventsRequest',
      headers: { ...FRESH, Prefer: { description: '`respond-async`: a job, at any size.' } },
      answers: {
        200: {
          description: 'All rows; as lines where the request accepts them.',
          content: { [JSON_TYPE]: 'EventsAnswer', [LINES]: 'StreamLine' },
        },
        202: accepted,
      },
      errors: [...asksForEvents, aggregates, losesPart],
    },
  },
  '/api/trace/events-async': {
    POST: {
      summary: 'Asks for rows by a job.',
      body: 'EventsRequest',
      headers: FRESH,
      answers: { 202: accepted },
      errors: asksForEvents,
    },
  },
  '/api/trace/run': {
    POST: {
      summary: 'Asks a whole question by one job: seeds, lineage and rows.',
      body: 'RunRequest',
      headers: FRESH,
      answers: { 202: accepted },
      errors: [...readsBody, 'QUEUE_UNAVAILABLE', 'QUEUE_FULL', 'NOT_FOUND'],
    },
  },
  '/api/trace/job/:jobId': {
    GET: { summary: 'How far a job is.', answers: { 200: status }, errors: ofJob },
    DELETE: {
      summary: 'Cancels a job for this caller; a shared job ends with its last caller.',
      query: { ticket: { description: "The caller's own, as in `cancel_url`." } },
      answers: { 200: status },
      errors: [...ofJob, 'JOB_SHARED', 'JOB_READ_ONLY'],
    },
  },
  '/api/trace/job/:jobId/result': {
    GET: {
      summary: 'Rows of a completed job, by page.',
      query: {
        domain: { description: 'Only this one; default: all.' },
        offset: { description: 'Rows to leave out, of each domain.', schema: WHOLE_NUMBER },
        limit: { description: 'Most rows of each domain; 0 or nothing: no limit.', schema: WHOLE_NUMBER },
      },
      answers: {
        200: {
          description: 'The rows.',
          content: { [JSON_TYPE]: 'EventsAnswer' },
          headers: { Link: 'The next page, with `rel="next"`, while there is one.' },
        },
      },
      errors: [...ofJob, 'JOB_NOT_COMPLETE', losesPart],
    },
  },
  '/api/trace/job/:jobId/export': {
    GET: {
      summary: 'All rows of one domain as a file.',
      query: {
        domain: DOMAIN,
        format: { description: 'Default: `csv`.', schema: { type: 'string', enum: EXPORT_FORMATS } },
      },
      answers: {
        200: {
          description: 'The file; one that breaks off is not whole.',
          content: { 'text/csv': null, [LINES]: 'Row', [PARQUET]: null },
          headers: { 'Content-Disposition': "The file's name.", 'X-Total-Count': 'Number of its rows.' },
        },
      },
      errors: [...ofJob, 'INVALID_PARAMS', 'JOB_NOT_COMPLETE', losesPart],
    },
  },
  '/api/trace/job/:jobId/stream': {
    GET: {
      summary: "A job's log, line by line.",
      query: {
        follow: {
          description: '`1`: also of a job that has not completed, waiting for what is to come.',
          schema: { type: 'string', enum: ['0', '1', 'true', 'false'] },
        },
        after: { description: '`seq` of the last line held.', schema: WHOLE_NUMBER },
        epoch: { description: '`epoch` of the log held.' },
      },
      answers: {
        200: { description: 'One object per line.', content: { [LINES]: 'StreamLine' } },
      },
      errors: [...ofJob, 'INVALID_PARAMS', 'JOB_NOT_COMPLETE', losesPart],
    },
  },
  '/api/trace/job/:jobId/lineage': {
    GET: {
      summary: "Where some of a run's seeds come from, or went to, with names, nodes and edges.",
      query: {
        container_ids: {
          description: 'Ids of its seeds, with commas between, or one parameter for each; at most 100.',
        },
      },
      answers: {
        200: {
          description: '`ancestors` backward, `children_map` forward.',
          content: { [JSON_TYPE]: 'LineageAnswer' },
        },
      },
      errors: [...ofJob, ...asksSource, 'INVALID_PARAMS', 'LINEAGE_TIMEOUT', 'LINEAGE_FAILED'],
    },
  },
  '/api/trace/job/:jobId/aggregation': {
    POST: {
      summary: 'The figures of a completed defect run for other loss reasons, from what the job has kept.',
      body: 'LossReasons',
      answers: {
        200: { description: 'As in an `aggregation` line.', content: { [JSON_TYPE]: 'Aggregation' } },
      },
      errors: [
        ...ofJob,
        'INVALID_PARAMS',
        'BODY_TOO_LARGE',
        'UNSUPPORTED_MEDIA_TYPE',
        'REQUEST_TIMEOUT',
        'MEMORY_GUARD',
        'JOB_NOT_COMPLETE',
        losesPart,
      ],
    },
  },
  '/api/trace/job/:jobId/retry': {
    POST: {
      summary: 'Goes on with a job that failed, or with its failed domains.',
      answers: { 202: accepted },
      errors: [
        ...ofJob,
        'QUEUE_UNAVAILABLE',
        'QUEUE_FULL',
        'JOB_READ_ONLY',
        { code: 'JOB_CANCELLED', statuses: [409] },
      ],
    },
  },
  '/healthz': {
    GET: {
      summary: 'Whether the process lives.',
      answers: { 200: { description: 'It does.', content: { [JSON_TYPE]: 'Health' } } },
      errors: ['INTERNAL_ERROR'],
    },
  },
  '/readyz': {
    GET: {
      summary: 'Whether it can work, and how much waits.',
      answers: {
        200: { description: 'It can.', content: { [JSON_TYPE]: 'Readiness' } },
        503: {
          description: 'Store or workers are away, or it stops.',
          content: { [JSON_TYPE]: 'Readiness' },
        },
      },
      errors: ['INTERNAL_ERROR'],
    },
  },
}
