import { linkSignal, untilAborted } from '../../async/abort.js'
import { createNotifier } from '../../async/notifier.js'
import type { RunContext, TraceContext } from './TraceContext.js'
import type { TraceStep } from './TraceUpdate.js'

/** Why work ends whose reader has left. */
const LEFT = new Error('The reader of the run has left')

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
  const reported = createNotifier()
  let step: TraceStep | null = null
  let hasEnded = false
  let goOn = () => {}

  async function report(next: TraceStep) {
    signal.throwIfAborted()
    step = next
    reported.notify()
    await untilAborted(signal, new Promise<void>((resolve) => (goOn = resolve)))
  }

  const ended = work({ ...context, signal, report }).finally(() => {
    hasEnded = true
    reported.notify()
  })
  // What it throws is thrown below, or has no reader.
  ended.catch(() => {})
  try {
    for (;;) {
      while (!step && !hasEnded) await reported.notified()
      if (!step) return await ended
      const next: TraceStep = step
      step = null
      yield next
      goOn()
    }
  } finally {
    link.abort(LEFT)
    link.unlink()
    await ended.catch(() => {})
  }
}
