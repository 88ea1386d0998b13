import { linkSignal, untilAborted } from '../../async/abort.js'
import type { TraceCheckpoint } from './TraceCheckpoint.js'
import type { RunContext, TraceContext } from './TraceContext.js'
import type { TraceDelta, TraceStep } from './TraceUpdate.js'

/**
 * What `work` reports, one step at a time, and its result. `work` goes on from a step when the next one is asked for:
 * nothing is read from the network before. When the reader leaves, `work` is aborted.
 *
 * The parts of a run are plain functions that report, and this is the one place where they become a generator. As
 * generators they stood 13 deep between the socket and a cell, and each only passed on those below it.
 */
export async function* stepsOf<TResult>(
  context: TraceContext,
  work: (run: RunContext) => Promise<TResult>,
): AsyncGenerator<TraceStep, TResult> {
  const link = linkSignal(context.signal)
  const { signal } = link
  let give: (step: TraceStep | null) => void
  let goOn = () => {}
  const nextStep = () => new Promise<TraceStep | null>((resolve) => (give = resolve))
  let next = nextStep()
  let awaited = next

  async function report(delta: TraceDelta, checkpoint?: Partial<TraceCheckpoint>) {
    signal.throwIfAborted()
    give({ delta, checkpoint })
    next = nextStep()
    await untilAborted(signal, new Promise<void>((resolve) => (goOn = resolve)))
  }

  const ended = work({ ...context, signal, report }).finally(() => give(null))
  // Its error is thrown below, or has no reader.
  const settled = ended.catch(() => {})
  try {
    for (let step = await awaited; step; step = await awaited) {
      awaited = next
      yield step
      goOn()
    }
    return await ended
  } finally {
    link.abort()
    link.unlink()
    await settled
  }
}
