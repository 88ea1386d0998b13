import { sleep } from '../../../src/async/clock.js'
import type { Row, RowPage, SourceParams } from '../../ports/index.js'
import { formatDay, readDay } from './factoryTime.js'
import { hash } from './hash.js'
import type { RowContext } from './rows/LotRows.js'
import { SALT } from './salts.js'
import { STOP_REASONS } from './vocabulary.js'

const DAY = 86_400
/** One machine in so many stops on a day. */
const STOPS_EVERY = 8
/** A page has so many rows, and what comes with the last of their days. */
const ROWS_PER_PAGE = 500

/** The stops of all machines, day by day. A page ends with a day, whose date is its token. */
export async function* readDowntime(
  context: RowContext,
  { from, to, station }: SourceParams,
  { after, signal }: { after: string | null; signal: AbortSignal },
): AsyncGenerator<RowPage> {
  const end = readDay(String(to))
  const wanted = station === undefined ? null : [station].flat().map(String)
  let day = after === null ? readDay(String(from)) : readDay(after) + DAY
  let rows: Row[] = []
  for (; day <= end; day += DAY) {
    await sleep(0, signal)
    addStops(context, day, wanted, rows)
    if (rows.length < ROWS_PER_PAGE || day === end) continue
    yield { rows, next: formatDay(day) }
    rows = []
  }
  yield { rows, next: null }
}

/** Adds the stops of a day. @param wanted at these stations; `null`: at all */
export function addStops(
  { catalogue, formatTime }: RowContext,
  day: number,
  wanted: string[] | null,
  rows: Row[],
) {
  for (const step of catalogue.steps) {
    if (wanted && !wanted.includes(step.group)) continue
    for (const [machine, name] of step.machines.entries()) {
      const draw = hash(day / DAY, step.index * 64 + machine, SALT.downtime)
      if (draw % STOPS_EVERY !== 0) continue
      const startedAt = day + ((draw >>> 3) % DAY)
      const seconds = 300 + ((draw >>> 5) % 20_000)
      rows.push({
        DOWNTIMEID: `DT${formatDay(day).replaceAll('-', '')}${step.machineIds[machine]!}`,
        EQUIPMENTID: step.machineIds[machine]!,
        EQUIPMENTNAME: name,
        WORKCENTER_GROUP: step.group,
        REASON: STOP_REASONS[(draw >>> 12) % STOP_REASONS.length]!,
        STARTTIME: formatTime(startedAt),
        ENDTIME: formatTime(startedAt + seconds),
        HOURS: Math.round(seconds / 36) / 100,
      })
    }
  }
}
