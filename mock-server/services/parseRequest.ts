import { TraceError } from '../../src/errors.js'
import { DOMAINS, LIMITS, normalizeIds, PROFILES, type Profile } from '../../src/protocol/index.js'

/** Reading the fields that several requests share, with the original's words for what is wrong. */

export type Body = Record<string, unknown>

/** Longest list of names repeated in an error message, in characters. */
const MAX_ECHO = 200
const CONTROL = /[\u0000-\u001f\u007f]/

export function invalid(message: string): TraceError {
  return new TraceError('INVALID_PARAMS', message)
}

/** @throws {TraceError} `INVALID_PROFILE` */
export function parseProfile({ profile }: Body): Profile {
  const name = typeof profile === 'string' ? profile.trim() : ''
  const known = PROFILES.find((each) => each === name)
  if (!known) throw new TraceError('INVALID_PROFILE', 'unsupported profile')
  return known
}

/**
 * A list of ids or query values, by the wire's rules for lists.
 *
 * @throws {TraceError} `INVALID_PARAMS` when one is too long or holds control characters
 */
export function parseIds(value: unknown, name: string): string[] {
  const ids = normalizeIds(value)
  for (const id of ids) {
    if (id.length > LIMITS.maxIdLength) {
      throw invalid(`${name} must not be longer than ${LIMITS.maxIdLength} characters each`)
    }
    if (CONTROL.test(id)) throw invalid(`${name} must not contain control characters`)
  }
  return ids
}

/** @throws {TraceError} `INVALID_PARAMS` */
export function parseContainerIds({ container_ids }: Body): string[] {
  const ids = parseIds(container_ids, 'container_ids')
  if (ids.length === 0) throw invalid('container_ids must contain at least one id')
  return ids
}

/** @throws {TraceError} `INVALID_PARAMS` */
export function parseDomains({ domains }: Body): string[] {
  const names = normalizeIds(domains)
  if (names.length === 0) throw invalid('domains must contain at least one domain')
  const unknown = names.filter((name) => !(DOMAINS as readonly string[]).includes(name)).sort()
  if (unknown.length === 0) return names
  const echo = unknown.join(',')
  throw invalid(`unsupported domains: ${echo.length > MAX_ECHO ? `${echo.slice(0, MAX_ECHO)}…` : echo}`)
}

/** `params` or nothing at all. @throws {TraceError} `INVALID_PARAMS` when it is something else */
export function parseOptionalParams({ params }: Body): Body {
  if (params === undefined || params === null) return {}
  if (!isObject(params)) throw invalid('params must be an object')
  return params
}

export function isObject(value: unknown): value is Body {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
