import { toTraceError } from '../../errors.js'
import { createRetryBudget } from '../http/createRetryBudget.js'
import { createStreamJudge, type JudgeOptions } from '../judge/createStreamJudge.js'
import { judgeStream } from '../judge/judgeStream.js'
import { linkSignal } from '../../async/abort.js'
import { PARKED, parkWhenHidden } from './parkWhenHidden.js'
import { untilVisible } from '../http/pause.js'
import { openStream } from './readStream.js'
import { withQuery } from '../http/resolveUrl.js'
import { gap } from '../judge/streamFaults.js'
import type { StreamPosition } from '../judge/StreamPosition.js'
import type { TraceContext } from '../run/TraceContext.js'
import type { TraceStep } from '../run/TraceUpdate.js'
import { waiting, waitToRetry } from '../http/waitToRetry.js'

export interface StreamOptions extends JudgeOptions {
  url: string
  /** Whether the log can be read from a position, and grows while it is read. */
  canFollow: boolean
}

/**
 * Reads a job's log to its end, over as many connections as it takes, and returns what is then held.
 *
 *     connect ── lines ──▶ complete ─▶ done
 *        ▲         │
 *        │         ├─ cut, silent, wrong, retryable error line ─▶ wait (budget) ─┐
 *        │         ├─ tab hidden for 30 s ─▶ wait until seen ────────────────────┤
 *        │         └─ reset: everything held is dropped, read on                 │
 *        └───────────────────────────────────────────────────────────────────────┘
 *
 * A new connection goes on after the last line held; a server without cursors sends its log from the start,
 * and what is held is skipped. Either way each row is handed up once.
 *
 * @throws {TraceError} the server's word, or the last failure when the budget is spent
 */
export async function* streamJob(
  { url, canFollow, ...options }: StreamOptions,
  context: TraceContext,
): AsyncGenerator<TraceStep, StreamPosition> {
  const budget = createRetryBudget(context)
  let { position } = options
  // Of all connections: two logs that take turns, a longer one and a shorter, bring nothing new.
  let furthest = position.seq
  let resets = 0
  function onReset() {
    if (++resets > context.policy.maxResets) throw gap(`the log began anew ${resets} times`)
  }

  for (;;) {
    const judge = createStreamJudge({ ...options, position, onReset })
    const link = linkSignal(context.signal)
    const stopWatching = canFollow ? parkWhenHidden(link, context) : () => {}
    try {
      const from = canFollow ? resumeUrl(url, position, context) : url
      for await (const step of judgeStream(openStream(from, link, context), judge, link, context)) {
        yield step
        // After a reset, lines read again are no progress.
        if (judge.position.seq <= furthest) continue
        furthest = judge.position.seq
        budget.refill()
      }
      return judge.position
    } catch (cause) {
      context.signal.throwIfAborted()
      link.abort(cause)
      position = judge.position
      if (cause === PARKED) {
        yield waiting('hidden')
        await untilVisible(context)
      } else {
        const error = toTraceError(cause)
        const canResume = canFollow && position.isSequenced !== false
        yield* waitToRetry(error, budget.spend(error, canResume ? undefined : position.seq), context)
      }
    } finally {
      stopWatching()
      link.abort()
      link.unlink()
    }
  }
}

function resumeUrl(url: string, { seq, epoch, isSequenced }: StreamPosition, { environment }: TraceContext) {
  if (!isSequenced) return url
  return withQuery(url, { after: seq, ...(epoch === null ? {} : { epoch }) }, environment.baseUrl)
}
