const DAY = 86_400

/**
 * Makes a writer of `YYYY-MM-DD HH:MM:SS`. Most of a result is times, so the parts are made once and joined.
 */
export function createTimeFormat(): (seconds: number) => string {
  const minutes = Array.from({ length: 1440 }, (_, i) => ` ${two(Math.floor(i / 60))}:${two(i % 60)}`)
  const rest = Array.from({ length: 60 }, (_, i) => `:${two(i)}`)
  let day = NaN
  let dayText = ''
  return (seconds) => {
    const today = Math.floor(seconds / DAY)
    if (today !== day) {
      day = today
      dayText = formatDay(seconds)
    }
    const ofDay = seconds - today * DAY
    return dayText + minutes[Math.floor(ofDay / 60)]! + rest[ofDay % 60]!
  }
}

/** `YYYY-MM-DD` of seconds since 1970. */
export function formatDay(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 10)
}

/** Seconds since 1970 at the beginning of `YYYY-MM-DD`. */
export function readDay(day: string): number {
  return Date.parse(`${day}T00:00:00Z`) / 1000
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}
