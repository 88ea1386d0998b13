import { invalid } from './parseRequest.js'

const DAY = /^\d{4}-\d{2}-\d{2}$/

/** Milliseconds of a day that is in the calendar. @throws {TraceError} `INVALID_PARAMS` */
export function parseDay(text: string, name: string): number {
  const ms = msOfDay(text)
  if (Number.isNaN(ms)) throw invalid(`${name} must be a date like 2026-01-31`)
  return ms
}

/** The same; `NaN` for what is no day of the calendar. */
export function msOfDay(text: string): number {
  const ms = DAY.test(text) ? Date.parse(`${text}T00:00:00Z`) : NaN
  // Date.parse takes 2026-02-30 for 2026-03-02: what it read must print back as it was.
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text) ? ms : NaN
}
