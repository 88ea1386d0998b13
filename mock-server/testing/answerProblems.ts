import { Ajv2020 } from 'ajv/dist/2020.js'
import { createOpenApi } from '../openapi/createOpenApi.js'

const NAME = 'openapi.json'
const document = createOpenApi({ version: 'test' })
const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false }).addSchema(document, NAME)

const PATHS = Object.entries(document.paths).map(([path, methods]) => ({
  path,
  methods,
  pattern: new RegExp(`^${path.replace(/\{\w+\}/g, '[\\w-]{1,100}')}$`),
}))

interface DescribedAnswer {
  $ref?: string
  content: Record<string, unknown>
}

/** Where an answer differs from the OpenAPI document. Streams are not read, and aborted requests not judged. */
export async function answerProblems(request: Request, response: Response): Promise<string[]> {
  if (request.signal.aborted) return []
  const { status, headers, body } = response
  const { pathname } = new URL(request.url)
  const method = (request.method === 'HEAD' ? 'GET' : request.method).toLowerCase()
  const place = PATHS.find(({ pattern, methods }) => pattern.test(pathname) && method in methods)
  if (!place) return [404, 405].includes(status) ? [] : [`${method} ${pathname} is unknown`]

  const where = `${method} ${place.path} ${status}`
  const { responses } = place.methods[method] as { responses: Record<string, DescribedAnswer> }
  if (!responses[status]) return [`${where} is unknown`]
  const pointer =
    responses[status].$ref ?? pointerTo(['paths', place.path, method, 'responses', String(status)])
  const type = headers.get('Content-Type')?.replace(/;.*/, '') ?? ''
  const isWhole = headers.has('Content-Length') && body !== null
  const value: unknown = isWhole ? await response.clone().json() : undefined
  return problemsAt(`${pointer}${pointerTo(['content', type, 'schema']).slice(1)}`, value).map(
    (problem) => `${where}: ${problem}`,
  )
}

/** Where a value is not as the schema of this name says. */
export function schemaProblems(name: keyof typeof document.components.schemas, value: unknown): string[] {
  return problemsAt(pointerTo(['components', 'schemas', name]), value)
}

function problemsAt(pointer: string, value: unknown): string[] {
  const validate = ajv.getSchema(NAME + pointer)
  if (!validate) return [`there is no ${pointer}`]
  if (value === undefined) return []
  validate(value)
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)
}

/** RFC 6901, as a URI fragment. */
function pointerTo(path: string[]): string {
  const keys = path.map((key) => encodeURIComponent(key.replaceAll('~', '~0').replaceAll('/', '~1')))
  return `#/${keys.join('/')}`
}
