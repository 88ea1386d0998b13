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
  let isMute = true
  void guard()
  const chunks = readChunks(bytes, link.signal)
  try {
    for (;;) {
      waitingSince = environment.now()
      const chunk = await chunks.next()
      waitingSince = null
      if (chunk.done) return
      isMute = false
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
    link.abort(isMute ? heldBack(silenceMs) : silent(silenceMs))
  }
}

function silent(ms: number): TraceError {
  return new TraceError('STREAM_SILENT', `Nothing came for ${ms / 1000} s: the connection is dead`)
}

/** Servers write their first line at once: a stream that opens and stays mute is being collected on its way. */
function heldBack(ms: number): TraceError {
  return new TraceError(
    'STREAM_SILENT',
    `The stream opened, but nothing came through for ${ms / 1000} s: a proxy seems to hold it back; turn its buffering off`,
    { details: { suspect: 'buffering-proxy' } },
  )
}
