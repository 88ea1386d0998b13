import { linkSignal } from '../../../src/async/abort.js'

/**
 * Does several works side by side. When one fails the others are aborted, and waited for: nothing runs on after the end.
 *
 * @throws what failed first; `signal.reason` on abort
 */
export async function together(
  signal: AbortSignal,
  works: readonly ((signal: AbortSignal) => Promise<void>)[],
): Promise<void> {
  const link = linkSignal(signal)
  const failures: unknown[] = []
  try {
    await Promise.all(
      works.map((work) =>
        work(link.signal).catch((cause: unknown) => {
          failures.push(cause)
          link.abort(new DOMException('Another part of the job has failed', 'AbortError'))
        }),
      ),
    )
  } finally {
    link.unlink()
  }
  if (failures.length > 0) throw failures[0]
}
