import type { TraceStep } from '../run/TraceUpdate.js'

const ROWS_DROPPED: TraceStep = { delta: { type: 'rows-dropped' }, checkpoint: { position: undefined } }

/**
 * `steps`, with `rows-dropped` before the first new row: rows of an earlier try stay readable until there is
 * something to show in their place. What is said of domains before that row is held back, and its position
 * in the log with it.
 */
export async function* replacingRows<TResult>(
  steps: AsyncGenerator<TraceStep, TResult>,
  replacesRows: boolean,
): AsyncGenerator<TraceStep, TResult> {
  if (!replacesRows) return yield* steps
  let heldBack: TraceStep[] | null = []
  try {
    for (;;) {
      const step = await steps.next()
      if (heldBack && (step.done || step.value.delta.type === 'rows')) {
        yield ROWS_DROPPED
        yield* heldBack
        heldBack = null
      }
      if (step.done) return step.value
      if (!heldBack) yield step.value
      else if (step.value.delta.type === 'rows-dropped') heldBack = []
      else if (isOfRows(step.value)) heldBack.push(step.value)
      else yield withoutPosition(step.value)
    }
  } finally {
    await steps.return(undefined as TResult)
  }
}

function isOfRows({ delta: { type } }: TraceStep): boolean {
  return type === 'aggregation' || type.startsWith('domain-')
}

function withoutPosition({ delta, checkpoint = {} }: TraceStep): TraceStep {
  const { position: _, ...others } = checkpoint
  return { delta, checkpoint: others }
}
