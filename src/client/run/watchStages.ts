import { RUN_DOMAINS, STAGES, type JobPhase, type Stage } from '../../protocol/index.js'
import type { StreamPosition } from '../judge/StreamPosition.js'
import type { RunContext } from './TraceContext.js'
import type { TraceDelta } from './TraceUpdate.js'

const STAGE_OF_PHASE: Partial<Record<JobPhase, Stage>> = {
  seeds: 'seed-resolve',
  lineage: 'lineage',
  fetching: 'events',
  aggregating: 'events',
}

/** The stage of a run of which this much is held. */
export function stageHeld({ domains }: StreamPosition): Stage {
  const stages = [...domains].map(([name, { state }]) => (state === 'ended' ? stageAfter(name) : null))
  return STAGES.findLast((stage) => stages.includes(stage)) ?? 'seed-resolve'
}

/** The stage that has begun at the latest when this domain ends: events end only once the lineage is whole. */
function stageAfter(domain: string): Stage | null {
  const [seeds, detections] = RUN_DOMAINS
  if (domain === seeds) return 'lineage'
  return domain === detections ? null : 'events'
}

export interface StageWatch {
  context: RunContext
  /** Every row has come. */
  finish: () => Promise<void>
}

/**
 * Tells the stages of a job that does all of them: the earliest that is unfinished, by what the server says of it, or by
 * what has come of its log. A stage does not come again, though a worker that takes over may pass through it, unless the
 * log begins anew.
 */
export function watchStages(context: RunContext, position: StreamPosition): StageWatch {
  let stage = stageHeld(position)

  async function enter(next: Stage | null, beginsAnew = false) {
    if (next === null || next === stage || (!beginsAnew && !isAfter(next, stage))) return
    stage = next
    await context.report({ type: 'stage-started', stage })
  }

  return {
    context: {
      ...context,
      async report(delta, changes) {
        await enter(stageSaid(delta), delta.type === 'rows-dropped')
        await context.report(delta, changes)
      },
    },
    finish: () => enter('events'),
  }
}

function isAfter(stage: Stage, other: Stage) {
  return STAGES.indexOf(stage) > STAGES.indexOf(other)
}

function stageSaid(delta: TraceDelta): Stage | null {
  switch (delta.type) {
    case 'progress':
      return stageOf(delta.progress.phase)
    case 'job-status':
      return stageOf(delta.status.detail?.phase)
    case 'rows-dropped':
      return 'seed-resolve'
    case 'domain-ended':
      return stageAfter(delta.domain)
    default:
      return null
  }
}

function stageOf(phase: JobPhase | null | undefined): Stage | null {
  return (phase && STAGE_OF_PHASE[phase]) ?? null
}
