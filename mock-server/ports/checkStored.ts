import * as v from 'valibot'
import { TraceError } from '../../src/errors.js'
import { parseExactly } from '../../src/json/parseExactly.js'

type Schema<T> = v.GenericSchema<unknown, T>

/**
 * What was read from a store, checked: others may write there too.
 *
 * @throws {Error} for the operator; to the caller it is `INTERNAL_ERROR`
 */
export function checkStored<T>(schema: Schema<T>, value: unknown, what: string): T {
  const result = v.safeParse(schema, value)
  if (result.success) return result.output
  throw new Error(
    `${what} is stored, but not as this server stores it: ${v.summarize(result.issues).slice(0, 300)}`,
  )
}

/**
 * The same of a part of a result or of a question.
 *
 * @throws {TraceError} `CHUNK_MISSING`
 */
export function checkPart<T>(schema: Schema<T>, value: unknown, what: string): T {
  try {
    return checkStored(schema, value, what)
  } catch (cause) {
    throw new TraceError('CHUNK_MISSING', `${what} is damaged`, { cause })
  }
}

/** The same of JSON, with every digit of its numbers. */
export function parsePart<T>(schema: Schema<T>, text: string, what: string): T {
  let value: unknown
  try {
    value = parseExactly(text)
  } catch (cause) {
    throw new TraceError('CHUNK_MISSING', `${what} is damaged`, { cause })
  }
  return checkPart(schema, value, what)
}

/** JSON text of a value that passes `schema`. */
export function jsonOf<T>(schema: Schema<T>) {
  return v.pipe(v.string(), v.parseJson(), schema)
}

/** A whole number from 0. */
export const Count = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
