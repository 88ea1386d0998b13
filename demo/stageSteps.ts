import type { UseTraceProgressReturn } from 'vue-trace-progress'
import type { Locale, TEXTS } from './texts.js'

const STAGES = ['seed-resolve', 'lineage', 'events'] as const

/** The three stages as the progress bar shows them, with what each has found. */
export function stageSteps(trace: UseTraceProgressReturn, texts: (typeof TEXTS)[Locale], locale: Locale) {
  const { currentStage, completedStages, stageErrors, stageResults } = trace
  const count = (value: number | null | undefined, unit: string) =>
    value === null || value === undefined ? undefined : `${value.toLocaleString(locale)} ${unit}`
  const details = {
    'seed-resolve': count(stageResults.value.seed?.seeds.length, texts.seeds),
    lineage: count(stageResults.value.lineage?.cidCount, texts.containers),
    events: undefined,
  }
  const errors = {
    'seed-resolve': stageErrors.value.seed,
    lineage: stageErrors.value.lineage,
    events: stageErrors.value.events,
  }

  return STAGES.map((stage) => ({
    name: texts.stages[stage],
    detail: details[stage],
    state: completedStages.value.includes(stage)
      ? ('done' as const)
      : errors[stage]
        ? ('failed' as const)
        : currentStage.value === stage
          ? ('running' as const)
          : ('waiting' as const),
  }))
}
