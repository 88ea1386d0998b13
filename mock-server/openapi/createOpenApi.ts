import {
  toJsonSchema,
  toJsonSchemaDefs,
  type ConversionConfig,
  type JsonSchema,
} from '@valibot/to-json-schema'
import * as v from 'valibot'
import { TRACE_ERRORS, type TraceErrorCode } from '../../src/errors.js'
import { isDomainResult, isSeed } from '../../src/protocol/answers.js'
import { isCount, isText, isTextList } from '../../src/protocol/checks.js'
import { ROUTES } from '../http/createTraceApi.js'
import { OPERATIONS, type Answer, type Operation, type Parameter } from './operations.js'
import { SCHEMAS, type SchemaName } from './schemas.js'

const DESCRIPTION = `Three stages, seed-resolve → lineage → events, of which the last may be a job whose log is \
followed. What the schemas cannot say (order of lines, completeness, resuming) is in docs/protocol.md, what each \
error means in docs/errors. GET takes HEAD too. Another method of a path is 405 \`METHOD_NOT_ALLOWED\`, another path \
404 \`NOT_FOUND\`, a name that is not the server's 421 \`HOST_NOT_ALLOWED\`.`

/** The API as an OpenAPI document: the routes that are served, the schemas that are read with, the codes there are. */
export function createOpenApi({ version }: { version: string }) {
  const paths = Object.entries(OPERATIONS).map(([path, methods]) => [
    path.replace(/:(\w+)/g, '{$1}'),
    {
      ...parametersOf(path),
      ...Object.fromEntries(
        Object.entries<Operation>(methods).map(([method, operation]) => [
          method.toLowerCase(),
          { operationId: operationId(path, method), ...describe(operation) },
        ]),
      ),
    },
  ])
  return {
    openapi: '3.1.1',
    info: {
      title: 'Trace service',
      version,
      description: DESCRIPTION,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    security: [],
    paths: Object.fromEntries(paths) as Record<string, Record<string, unknown>>,
    components: { schemas: toJsonSchemaDefs(SCHEMAS, CONVERSION), responses: errorResponses() },
  }
}

/** The endpoint's own name. */
function operationId(path: string, method: string): string {
  const methods: Record<string, { name: string }> = ROUTES[path as keyof typeof ROUTES]
  return methods[method]!.name
}

function parametersOf(path: string) {
  const names = [...path.matchAll(/:(\w+)/g)].map(([, name]) => name!)
  const parameters = names.map((name) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string', pattern: '^[\\w-]{1,100}$' },
  }))
  return parameters.length > 0 ? { parameters } : {}
}

function describe({ summary, body, query = {}, headers = {}, answers, errors }: Operation) {
  const parameters = [...toParameters(query, 'query'), ...toParameters(headers, 'header')]
  return {
    summary,
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(body
      ? { requestBody: { required: true, content: { 'application/json': { schema: ref(body) } } } }
      : {}),
    responses: {
      ...mapValues(answers, toResponse),
      ...Object.fromEntries(
        refusals(errors).map((refusal) => [
          refusal[0],
          { $ref: `#/components/responses/${refusalName(refusal)}` },
        ]),
      ),
    },
  }
}

function toParameters(parameters: Record<string, Parameter>, place: 'query' | 'header') {
  return Object.entries(parameters).map(([name, { description, schema = { type: 'string' } }]) => ({
    name,
    in: place,
    description,
    schema,
  }))
}

function toResponse({ description, content, headers }: Answer) {
  return {
    description,
    ...(headers ? { headers: mapValues(headers, toHeader) } : {}),
    content: mapValues(content, (name) => ({ schema: name === null ? { type: 'string' } : ref(name) })),
  }
}

function toHeader(description: string) {
  return { description, schema: { type: 'string' } }
}

/** Refusals of an operation: the codes that a status may mean. */
function refusals(errors: Operation['errors']): [status: number, codes: TraceErrorCode[]][] {
  const codes = new Map<number, TraceErrorCode[]>()
  for (const error of errors) {
    const { code, statuses } =
      typeof error === 'string' ? { code: error, statuses: [TRACE_ERRORS[error].status] } : error
    for (const status of statuses) codes.set(status, [...(codes.get(status) ?? []), code])
  }
  return [...codes]
}

function refusalName([status, codes]: [number, TraceErrorCode[]]): string {
  return [status, ...codes].join('.')
}

/** Many operations refuse alike: each refusal stands in the document once. */
function errorResponses() {
  const all = Object.values(OPERATIONS).flatMap((methods) => Object.values<Operation>(methods))
  return Object.fromEntries(
    all
      .flatMap(({ errors }) => refusals(errors))
      .map((refusal) => [refusalName(refusal), toErrorResponse(...refusal)]),
  )
}

function toErrorResponse(status: number, codes: TraceErrorCode[]) {
  const error = { properties: { code: { enum: codes } } }
  return {
    description: codes.map((code) => `\`${code}\``).join(', '),
    ...(status === 429 || status === 503
      ? { headers: { 'Retry-After': toHeader('When to ask again, in seconds, where that is known.') } }
      : {}),
    content: {
      'application/json': {
        schema: { ...ref(status === 409 ? 'Conflict' : 'Error'), properties: { error } },
      },
    },
  }
}

function ref(name: SchemaName) {
  return { $ref: `#/components/schemas/${name}` }
}

function mapValues<T, R>(object: Record<string, T>, map: (value: T) => R): Record<string, R> {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value)]))
}

/** What the hand-written checks of maps and lists let through. */
const CHECKED = new Map<unknown, v.GenericSchema>([
  [isText, v.string()],
  [isTextList, v.array(v.string())],
  [isCount, v.pipe(v.number(), v.integer(), v.minValue(0))],
  [
    isSeed,
    v.looseObject({
      container_id: v.string(),
      container_name: v.nullish(v.string()),
      lot_id: v.nullish(v.string()),
    }),
  ],
  [
    isDomainResult,
    v.looseObject({
      data: v.array(v.unknown()),
      count: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
      total: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
    }),
  ],
])

const CONVERSION: ConversionConfig = {
  target: 'draft-2020-12',
  overrideRef: ({ referenceId }) => `#/components/schemas/${referenceId}`,
  overrideSchema({ valibotSchema }) {
    if ('valueCheck' in valibotSchema) {
      return { type: 'object', additionalProperties: checked(valibotSchema.valueCheck) }
    }
    return 'itemCheck' in valibotSchema ? { type: 'array', items: checked(valibotSchema.itemCheck) } : null
  },
}

function checked(check: unknown): JsonSchema {
  const { $schema: _, ...schema } = toJsonSchema(CHECKED.get(check)!, { target: 'draft-2020-12' })
  return schema
}
