import type { WireDomainResult, WireSeed } from './answers.js'

/** Checks of what comes by the ten thousand, written out: `recordOf` and `listOf` run them on each. */

export function isText(value: unknown): value is string {
  return typeof value === 'string'
}

export function isTextList(value: unknown): value is string[] {
  return Array.isArray(value) && value.every(isText)
}

/** A count: a whole number from 0. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

export function isSeed(value: unknown): value is WireSeed {
  if (typeof value !== 'object' || value === null) return false
  const { container_id, container_name, lot_id } = value as Record<string, unknown>
  return isText(container_id) && isTextOrNothing(container_name) && isTextOrNothing(lot_id)
}

function isTextOrNothing(value: unknown): value is string | null | undefined {
  return value === null || value === undefined || isText(value)
}

export function isDomainResult(value: unknown): value is WireDomainResult {
  if (typeof value !== 'object' || value === null) return false
  const { data, count, total } = value as Record<string, unknown>
  return Array.isArray(data) && [count, total].every((n) => n === undefined || isCount(n))
}
