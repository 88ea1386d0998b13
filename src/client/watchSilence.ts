import { TraceError } from '../errors.js'
import { readChunks, type ByteSource } from '../ndjson/index.js'
import { linkSignal, type SignalLink } from './linkSignal.js'
import type { TraceContext } from './TraceContext.js'

/**
 * The chunks of `bytes`, one at a time and only when asked for; when one keeps us waiting for `silenceMs`,
 * `link` is aborted with `STREAM_SILENT`. Time in which nobody asks for a chunk does not count: a slow page
 * is not a dead connection.
 */
export async function* watchSilence(
  bytes: ByteSource,
  link: SignalLink,
  { environment, policy: { silenceMs } }: Pick<TraceContext, 'environment' | 'policy'>,
): AsyncGenerator<Uint8Array, void> {
  const watch = linkSignal(link.signal)
  let waitingSince: number | null = null
  void guard()
  const chunks = readChunks(bytes, link.signal)
  try {
    for (;;) {
      waitingSince = environment.now()
      const chunk = await chunks.next()
      waitingSince = null
      if (chunk.done) return
      yield chunk.value
    }
  } finally {
    watch.abort(undefined)
    watch.unlink()
    await chunks.return()
  }

  /** One timer at a time, however many chunks come. */
  async function guard() {
    try {
      for (;;) {
        const silentMs = waitingSince === null ? 0 : environment.now() - waitingSince
        if (silentMs >= silenceMs) break
        await environment.sleep(waitingSince === null ? silenceMs / 10 : silenceMs - silentMs, watch.signal)
      }
    } catch {
      return
    }
    link.abort(
      new TraceError('STREAM_SILENT', `Nothing came for ${silenceMs / 1000} s: the connection is dead`),
    )
  }
}
