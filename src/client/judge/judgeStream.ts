import { isTraceError } from '../../errors.js'
import type { StreamEvent } from '../../protocol/index.js'
import type { RecordBatch } from '../../records/RecordBatch.js'
import type { StreamJudge } from './createStreamJudge.js'
import type { LinkedSignal } from '../../async/abort.js'
import type { TraceContext } from '../run/TraceContext.js'
import type { TraceStep } from '../run/TraceUpdate.js'
import { withDeadline } from '../http/withDeadline.js'

/**
 * What a stream adds, line by line, until `judge` has its proof and the stream its end.
 *
 * @throws {TraceError} what the stream throws, and what the judge says of it
 */
export async function* judgeStream(
  events: AsyncIterable<StreamEvent<RecordBatch>>,
  judge: StreamJudge,
  link: LinkedSignal,
  { environment, policy, signal }: TraceContext,
): AsyncGenerator<TraceStep, void> {
  const iterator = events[Symbol.asyncIterator]()
  try {
    for (;;) {
      let step: IteratorResult<StreamEvent<RecordBatch>>
      try {
        // A line after `complete` would be a fault, so the end is awaited, but not for long.
        step = judge.isComplete
          ? await withDeadline(policy.endGraceMs, link, environment, () => iterator.next())
          : await iterator.next()
      } catch (error) {
        signal.throwIfAborted()
        // What has a line number is wrong in what came, not in how it came.
        if (!judge.isComplete || (isTraceError(error) && error.line !== undefined)) throw error
        return // Every row is proven to be here: how the connection ends does not matter.
      }
      if (step.done) break
      const deltas = judge.accept(step.value)
      for (const [i, delta] of deltas.entries()) {
        // The position is reached only with the last: whoever stops before it reads this line again.
        yield i === deltas.length - 1 ? { delta, checkpoint: { position: judge.position } } : { delta }
      }
    }
    judge.end()
  } finally {
    void iterator.return?.().then(undefined, () => {})
  }
}
