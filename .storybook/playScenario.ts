import type { SetupWorker } from 'msw/browser'
import { createTraceHandlers, rowsSource, slow, combine, type Scenario } from '../testing/index.js'

const REASONS = ['電性不良_IR', '焊線脫落', '晶片破裂', '耐壓不良', '腳型不良']
const STATIONS = ['切割', '焊接_DB', '焊接_WB', '成型', '電鍍', '測試']

/** Event rows as a plant has them, the same each time. */
export function storyRows(size: number) {
  return Array.from({ length: size }, (_, i) => ({
    CONTAINERID: `48810380003${(0x7000 + i * 7).toString(16)}`,
    WORKCENTER_GROUP: STATIONS[i % STATIONS.length]!,
    EQUIPMENTNAME: `GWBD-${String((i * 13) % 90).padStart(4, '0')}`,
    LOSSREASONNAME: REASONS[(i * 3) % REASONS.length]!,
    REJECT_QTY: (i * 37) % 101,
    TXNDATE: `2026-05-${String((i % 28) + 1).padStart(2, '0')} ${String(i % 24).padStart(2, '0')}:15:00`,
  }))
}

/** Stops of machines. */
function storyStops(size: number) {
  return Array.from({ length: size }, (_, i) => ({
    DOWNTIMEID: `DT${String(i).padStart(6, '0')}`,
    EQUIPMENTNAME: `GWBD-${String((i * 13) % 90).padStart(4, '0')}`,
    WORKCENTER_GROUP: STATIONS[i % STATIONS.length]!,
    REASON: ['故障', '保養', '換線'][i % 3]!,
    STARTTIME: `2026-05-${String((i % 28) + 1).padStart(2, '0')} ${String(i % 24).padStart(2, '0')}:15:00`,
    HOURS: ((i * 37) % 101) / 10,
  }))
}

/** Lets the mocked server play a scenario for one story; the returned function ends it. */
export function playScenario(
  msw: SetupWorker,
  scenario: Scenario,
  { size, rowsPerSecond }: { size: number; rowsPerSecond: number },
) {
  const rows = storyRows(size)
  const { handlers, close } = createTraceHandlers({
    scenario: combine(scenario, slow(rowsPerSecond)),
    source: rowsSource({ rows: { history: rows, materials: rows, downtime: storyStops(size) } }),
    settings: { streamBatchSize: 100 },
  })
  msw.use(...handlers)
  return close
}
