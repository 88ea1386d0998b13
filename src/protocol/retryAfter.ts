/** One of the three forms of an HTTP date (RFC 9110 5.6.7); none of them begins with anything but a weekday. */
const HTTP_DATE = /^(mon|tue|wed|thu|fri|sat|sun)[a-z]*,? [\w :-]+$/i

/** Between two values of a header that proxies have repeated; an HTTP date has a comma of its own. */
const BETWEEN_VALUES = /\s*,\s*(?=\d+\s*(?:,|$)|[a-z]{3,})/i

/** Seconds, as a body or a line asks to wait, in ms; `undefined` when they are no wait. */
export function secondsAsMs(seconds: unknown): number | undefined {
  const ms = typeof seconds === 'number' ? seconds * 1000 : NaN
  return ms >= 0 && ms < Infinity ? ms : undefined
}

/**
 * `Retry-After` in milliseconds: digits, or an HTTP date (RFC 9110 10.2.3); `undefined` when it is neither. Of several
 * values the longest counts.
 *
 * @param date the answer's own `Date`: an HTTP date is by the server's clock, which need not be that of the page
 */
export function retryAfterMs(
  header: string | null,
  now = Date.now(),
  date: string | null = null,
): number | undefined {
  const sentAt = dateMs(date?.trim() ?? '')
  const clock = Number.isNaN(sentAt) ? now : sentAt
  const waits = (header ?? '')
    .trim()
    .split(BETWEEN_VALUES)
    .map((value) =>
      /^\d+$/.test(value) ? (secondsAsMs(Number(value)) ?? NaN) : Math.max(0, dateMs(value) - clock),
    )
    .filter((ms) => !Number.isNaN(ms))
  return waits.length > 0 ? Math.max(...waits) : undefined
}

function dateMs(text: string): number {
  if (!HTTP_DATE.test(text)) return NaN
  // The oldest form names no zone, and is GMT all the same.
  return Date.parse(/GMT$/i.test(text) ? text : `${text} GMT`)
}
