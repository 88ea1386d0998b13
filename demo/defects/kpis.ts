import type { RecordList } from 'vue-trace-progress'
import type { Kpi } from '../KpiCards.vue'
import type { useTexts } from '../texts.js'
import type { DefectFigures } from './aggregation.js'

type Tools = ReturnType<typeof useTexts>

interface Sources {
  direction: 'backward' | 'forward'
  figures: DefectFigures | null
  seedCount: number | null
  domains: Readonly<Record<string, RecordList | undefined>>
}

/** The cards: figures where the answer has them; before, what seeds and rows already tell. */
export function defectKpis(
  { direction, figures, seedCount, domains }: Sources,
  { texts, count, percent }: Tools,
): Kpi[] {
  const words = texts.value.kpi
  const of = (name: string, format: (value: number) => string = count): string | null => {
    const value = figures?.kpi[name]
    return typeof value === 'number' ? format(value) : (value ?? null)
  }
  const final = (label: string, value: string | null): Kpi => ({ label, value })
  const orSoFar = (label: string, value: string | null, soFar: number | null): Kpi =>
    value === null && soFar !== null ? { label, value: count(soFar), isInterim: true } : { label, value }

  if (direction === 'forward') {
    return [
      orSoFar(words.lots, of('detection_lot_count'), seedCount),
      final(words.defects, of('detection_defect_qty')),
      final(words.tracked, of('tracked_lot_count')),
      orSoFar(words.stations, of('downstream_stations_reached'), distinct(domains, 'WORKCENTER_GROUP')),
      final(words.rejects, of('downstream_total_reject')),
      final(words.rejectRate, of('downstream_reject_rate', percent)),
    ]
  }
  return [
    orSoFar(words.lots, of('lot_count'), seedCount),
    final(words.input, of('total_input')),
    final(words.defects, of('total_defect_qty')),
    final(words.defectRate, of('total_defect_rate', percent)),
    final(words.topReason, of('top_loss_reason')),
    orSoFar(words.machines, of('affected_machine_count'), distinct(domains, 'EQUIPMENTNAME')),
  ]
}

function distinct(domains: Sources['domains'], column: string): number | null {
  const list = domains.upstream_history
  return list && list.loaded > 0 ? list.column(column).distinct().length : null
}
