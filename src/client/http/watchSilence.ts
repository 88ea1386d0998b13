import { linkSignal, untilAborted, type LinkedSignal } from '../../async/abort.js'
import type { Clock } from '../../async/clock.js'
import { TraceError } from '../../errors.js'
import type { TracePolicy } from '../run/TracePolicy.js'

/**
 * What `open` gives, one at a time and only when asked for; when nothing is heard for `silenceMs`, `link` is aborted
 * with `STREAM_SILENT`. Every item counts as heard, and so does each call of `heard`. Time between an item and the
 * question for the next does not count: a slow page is not a dead connection.
 *
 * @throws `link.signal.reason` at once on abort
 */
export async function* watchSilence<T>(
  open: (heard: () => void) => AsyncIterable<T>,
  link: LinkedSignal,
  {
    environment: clock,
    policy: { silenceMs },
  }: { environment: Clock; policy: Pick<TracePolicy, 'silenceMs'> },
): AsyncGenerator<T, void> {
  const watch = linkSignal(link.signal)
  let waitingSince: number | null = null
  let isMute = true
  const items = open(() => {
    isMute = false
    if (waitingSince !== null) waitingSince = clock.monotonic()
  })[Symbol.asyncIterator]()
  void guard()
  try {
    for (;;) {
      waitingSince = clock.monotonic()
      const item = await untilAborted(link.signal, items.next())
      waitingSince = null
      if (item.done) return
      isMute = false
      yield item.value
    }
  } finally {
    watch.abort()
    watch.unlink()
    // Not awaited: a source that hangs must not hold up a reader that has left.
    void items.return?.().then(undefined, () => {})
  }

  /** One timer at a time, however many items come. */
  async function guard() {
    try {
      for (;;) {
        const silentMs = waitingSince === null ? 0 : clock.monotonic() - waitingSince
        if (silentMs >= silenceMs) break
        await clock.sleep(waitingSince === null ? silenceMs / 10 : silenceMs - silentMs, watch.signal)
      }
    } catch {
      return
    }
    link.abort(isMute ? heldBack(silenceMs) : silent(silenceMs))
  }
}

function silent(ms: number): TraceError {
  return new TraceError('STREAM_SILENT', `Nothing came for ${ms / 1000} s: the connection is dead`)
}

/** Servers write their first line at once: if a stream opens and stays mute, something on its way collects it. */
function heldBack(ms: number): TraceError {
  return new TraceError(
    'STREAM_SILENT',
    `The stream opened, but nothing came through for ${ms / 1000} s: a proxy seems to hold it back; turn its buffering off`,
    { details: { suspect: 'buffering-proxy' } },
  )
}
