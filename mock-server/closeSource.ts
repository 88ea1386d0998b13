import { systemClock as clock } from '../src/async/clock.js'
import type { CheckedSource } from './services/source/checkSource.js'
import { reasonsOf } from './services/source/reasonsOf.js'

/** How long a source may take to close. */
const CLOSE_WITHIN_MS = 5_000

/** Closes a source at the end of its process or job, which goes on to its end whatever `close()` does. */
export async function closeSource(
  { source }: Pick<CheckedSource, 'source'>,
  warn: (message: string) => void,
) {
  const ended = new AbortController()
  const tooLate = clock.sleep(CLOSE_WITHIN_MS, ended.signal).then(() => {
    throw new Error(`close() takes longer than ${CLOSE_WITHIN_MS / 1000} s`)
  })
  try {
    await Promise.race([source.close?.(), tooLate])
  } catch (cause) {
    warn(`The source was not closed: ${reasonsOf(cause)}`)
  } finally {
    ended.abort()
  }
}
