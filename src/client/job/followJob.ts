import { linkSignal, type LinkedSignal } from '../../async/abort.js'
import { isTraceError, toTraceError, TraceError } from '../../errors.js'
import type { ByteSource } from '../../json/readChunks.js'
import type { StreamEvent } from '../../protocol/index.js'
import type { TraceFormat } from '../../records/columns/TraceDecoder.js'
import type { RecordBatch } from '../../records/RecordBatch.js'
import { createRetryBudget } from '../http/createRetryBudget.js'
import { withQuery } from '../http/resolveUrl.js'
import { sendRequest, withDeadline } from '../http/sendRequest.js'
import { untilVisible, waiting, waitToRetry } from '../http/waitToRetry.js'
import { watchSilence } from '../http/watchSilence.js'
import { createStreamJudge, type JudgeOptions, type StreamJudge } from '../judge/createStreamJudge.js'
import type { StreamPosition } from '../judge/StreamPosition.js'
import { gap } from '../judge/streamFaults.js'
import type { RunContext, TraceContext } from '../run/TraceContext.js'

export interface FollowOptions extends JudgeOptions {
  url: string
  /** Whether the log can be read from a position, and grows while it is read. */
  canFollow: boolean
}

/** Why a hidden tab's connection was given back. */
const PARKED = Symbol('parked')

/**
 * Reads a job's log to its end, over as many connections as it takes, and returns what is then held.
 *
 *     connecting   asks for the log, from the line after the last one held
 *                  the answer begins ─▶ reading
 *                  an error, or no answer for 30 s ─▶ waiting
 *     reading      decodes line by line, lets the judge look at each, reports what it adds
 *                  `complete`, and the judge has its proof ─▶ ending
 *                  `reset`: everything held is dropped ─▶ reading
 *                  cut, silent for 30 s, wrong, or a retryable `error` line ─▶ waiting
 *                  the tab hidden for 30 s ─▶ parked
 *     ending       every row is here; waits for the end of the stream, since a further line would be a fault
 *                  the end, a broken connection, or 2 s ─▶ done
 *                  a further line ─▶ waiting
 *     waiting      as long as the retry budget says; something new that came has refilled it
 *                  over, or the network is back ─▶ connecting
 *                  the budget is spent ─▶ throws
 *     parked       holds no connection
 *                  the page is seen ─▶ connecting
 *
 * An abort leaves every state at once. A server without cursors sends its log from the start each time, and the judge
 * skips what is held: either way each row is reported once.
 *
 * @throws {TraceError} the server's word, or the last failure when the budget is spent
 * @throws `signal.reason` at once on abort
 */
export async function followJob(
  { url, canFollow, ...options }: FollowOptions,
  context: RunContext,
): Promise<StreamPosition> {
  const budget = createRetryBudget(context)
  let { position } = options
  // Over all connections: two logs that alternate, a longer and a shorter one, bring nothing new.
  let furthest = position.seq
  let resets = 0

  function onReset() {
    if (++resets > context.policy.maxResets) throw gap(`the log began anew ${resets} times`)
  }

  function onProgress({ seq }: StreamPosition) {
    // After a reset, lines read again are no progress.
    if (seq <= furthest) return
    furthest = seq
    budget.refill()
  }

  for (;;) {
    const judge = createStreamJudge({ ...options, position, onReset })
    const link = linkSignal(context.signal)
    const stopWatching = canFollow ? parkWhenHidden(link, context) : () => {}
    try {
      const body = await connect(canFollow ? resumeUrl(url, position, context) : url, link, context)
      await readLines(body, judge, link, context, onProgress)
      return judge.position
    } catch (cause) {
      context.signal.throwIfAborted()
      link.abort(cause)
      position = judge.position
      if (cause === PARKED) {
        await context.report(waiting('hidden'))
        await untilVisible(context)
      } else {
        const error = toTraceError(cause)
        const canResume = canFollow && position.isSequenced !== false
        await waitToRetry(error, budget.spend(error, canResume ? undefined : position.seq), context)
      }
    } finally {
      stopWatching()
      link.abort()
      link.unlink()
    }
  }
}

/** Asks for a stream. The answer must begin within the time of a silence. */
async function connect(url: string, link: LinkedSignal, context: TraceContext): Promise<StreamedBody> {
  const { body } = await withDeadline(context.policy.silenceMs, link, context.environment, () =>
    sendRequest(
      { method: 'GET', url, headers: { Accept: 'application/x-ndjson' }, isForDecode: true },
      link.signal,
      context,
    ),
  )
  return { bytes: body, format: 'lines' }
}

function resumeUrl(url: string, { seq, epoch, isSequenced }: StreamPosition, { environment }: TraceContext) {
  if (!isSequenced) return url
  return withQuery(url, { after: seq, ...(epoch === null ? {} : { epoch }) }, environment.baseUrl)
}

/** Bytes to decode, as they come. */
export interface StreamedBody {
  bytes: ByteSource | null
  format: TraceFormat
}

/**
 * Reports what one stream adds, line by line, until the judge has its proof and the stream its end.
 *
 * @param link ends this connection alone
 * @param onProgress called after each line that added something, when the reader has asked for more
 * @throws {TraceError} `STREAM_TRUNCATED`, `STREAM_SILENT`, what decoding throws, what the judge says
 * @throws `link.signal.reason` at once on abort
 */
export async function readLines(
  { bytes, format }: StreamedBody,
  judge: StreamJudge,
  link: LinkedSignal,
  context: RunContext,
  onProgress = (_: StreamPosition) => {},
): Promise<void> {
  if (!bytes) throw new TraceError('UNEXPECTED_RESPONSE', 'The answer has no body')
  const { environment, report } = context
  const events = watchSilence(
    (onBytes) => environment.decode(bytes, { format, signal: link.signal, onBytes }),
    link,
    context,
  )
  try {
    for (;;) {
      const next = await nextEvent(events, judge, link, context)
      if (next.done) break
      const deltas = judge.accept(next.value)
      for (const [i, delta] of deltas.entries()) {
        // The position is reached only with the last: a reader that stops before it reads this line again.
        const isLast = i === deltas.length - 1
        await report(delta, isLast ? { position: judge.position } : {})
      }
      if (deltas.length > 0) onProgress(judge.position)
    }
    judge.end()
  } finally {
    // Not awaited: a source that hangs must not hold up a reader that has left.
    void events.return().catch(() => {})
  }
}

/** The next line. Once every row is proven to be here, it does not matter how the connection ends. */
async function nextEvent(
  events: AsyncGenerator<StreamEvent<RecordBatch>, void>,
  judge: StreamJudge,
  link: LinkedSignal,
  { environment, policy, signal }: TraceContext,
): Promise<IteratorResult<StreamEvent<RecordBatch>, void>> {
  try {
    return judge.isComplete
      ? await withDeadline(policy.endGraceMs, link, environment, () => events.next())
      : await events.next()
  } catch (cause) {
    signal.throwIfAborted()
    const error: unknown = link.signal.aborted ? link.signal.reason : toStreamError(cause)
    // An error with a line number is about the content, not about the connection.
    const isWrong = isTraceError(error) && error.line !== undefined
    if (judge.isComplete && !isWrong) return { done: true, value: undefined }
    throw error
  }
}

function toStreamError(cause: unknown): TraceError {
  if (isTraceError(cause)) return cause
  return new TraceError('STREAM_TRUNCATED', 'The connection broke before the result was complete', { cause })
}

/**
 * Aborts `link` with `PARKED` when the page has been hidden for `hiddenGraceMs`: browsers allow six connections per
 * origin, and a page that is not seen needs none of them.
 *
 * @returns stops watching
 */
function parkWhenHidden(link: LinkedSignal, { environment, policy }: TraceContext): () => void {
  let timer: LinkedSignal | null = null

  function stopTimer() {
    timer?.abort()
    timer?.unlink()
    timer = null
  }

  function look() {
    if (!environment.isHidden()) return stopTimer()
    if (timer) return
    timer = linkSignal(link.signal)
    environment.sleep(policy.hiddenGraceMs, timer.signal).then(
      () => link.abort(PARKED),
      () => {},
    )
  }

  const stopListening = environment.onVisibilityChange(look)
  look()
  return () => {
    stopListening()
    stopTimer()
  }
}
