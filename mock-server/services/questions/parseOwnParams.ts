import { parseDay } from './parseDay.js'
import type { ParamDescription, ProfileDescription, SourceDescription } from '../../../src/protocol/index.js'
import type { SourceParams } from '../../ports/index.js'
import { invalid, type Fields } from './parseRequest.js'

/** Most values of a param that takes several. */
const MAX_VALUES = 1_000
/** Longest value, in characters. */
const MAX_LENGTH = 256
const CONTROL = /[\u0000-\u001f\u007f]/

type Value = string | number

/** Names of the params that profiles bring themselves. */
export function ownParamNames({ profiles }: SourceDescription): string[] {
  return profiles.flatMap(({ params }) => params.map(({ name }) => name))
}

/**
 * Reads the params of a profile's own, as its description says, and fills in what was left out.
 *
 * @throws {TraceError} `INVALID_PARAMS`
 */
export function parseOwnParams({ params }: Pick<ProfileDescription, 'params'>, asked: Fields): SourceParams {
  const own: Record<string, SourceParams[string]> = {}
  for (const param of params) {
    const value = parseParam(param, Object.hasOwn(asked, param.name) ? asked[param.name] : undefined)
    if (value !== undefined) own[param.name] = value
  }
  return own
}

function parseParam(param: ParamDescription, given: unknown): Value | readonly Value[] | undefined {
  const isMissing = given === undefined || given === null || given === ''
  const value = isMissing || (Array.isArray(given) && given.length === 0) ? param.default : given
  if (value === undefined) {
    if (param.required) throw invalid(`${param.name} is required`)
    return undefined
  }
  if (!param.many) return parseValue(param, value)
  const values: unknown[] = Array.isArray(value) ? value : [value]
  if (values.length > MAX_VALUES) throw invalid(`${param.name} must have at most ${MAX_VALUES} values`)
  // Each once, in one order: the same question, however it was written.
  return [...new Set(values.map((each) => parseValue(param, each)))].sort((a, b) => (a < b ? -1 : 1))
}

function parseValue({ name, kind, choices = [] }: ParamDescription, value: unknown): Value {
  if (kind === 'number') {
    const number = typeof value === 'string' ? Number(value.trim() || NaN) : value
    if (typeof number !== 'number' || !Number.isFinite(number)) throw invalid(`${name} must be a number`)
    return number
  }
  if (typeof value !== 'string') throw invalid(`${name} must be a text`)
  const text = value.trim()
  if (text.length > MAX_LENGTH) throw invalid(`${name} must not be longer than ${MAX_LENGTH} characters`)
  if (CONTROL.test(text)) throw invalid(`${name} must not contain control characters`)
  if (kind === 'date') parseDay(text, name)
  if (kind === 'choice' && !choices.some((choice) => choice.value === text)) {
    throw invalid(`${name} must be one of: ${choices.map((choice) => choice.value).join(',')}`)
  }
  return text
}
