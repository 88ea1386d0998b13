import type { DefectParams, Detection, TraceSource } from '../../ports/index.js'
import { UNSLICED, type Slices } from '../../../src/async/slices.js'
import { createTextPool } from './createTextPool.js'

/** The lots that were measured; lists are parallel. */
export interface DetectionLots {
  count: number
  ids: string[]
  /** Of each id, its position in the lists. */
  positions: Map<string, number>
  dates: string[]
  inputs: number[]
  /** Pieces lost for the reasons asked about. */
  defects: number[]
  /** Of each lot, where its reasons begin in the two lists that follow, and after the last where they end. */
  reasonStarts: number[]
  /** Reasons asked about, of all lots in a row: an object for each took 8 MB of a full-size job. */
  reasonNames: string[]
  /** Pieces lost for each. */
  reasonQuantities: number[]
  /** Pieces lost by reason, asked about or not. */
  allReasons: Map<string, number>
}

interface Input {
  params: DefectParams
  seedIds: AsyncIterable<string[]>
  source: Pick<TraceSource, 'detections'>
  signal: AbortSignal
  slices?: Slices
}

/** Collects the measurements of the seeds. A lot counts once, a reason once for each lot. */
export async function readDetectionLots({
  params,
  seedIds,
  source,
  signal,
  slices = UNSLICED,
}: Input): Promise<DetectionLots> {
  const lots: DetectionLots = {
    count: 0,
    ids: [],
    positions: new Map(),
    dates: [],
    inputs: [],
    defects: [],
    reasonStarts: [0],
    reasonNames: [],
    reasonQuantities: [],
    allReasons: new Map(),
  }
  const pool = createTextPool()
  const asked = params.lossReasons && new Set(params.lossReasons)
  for await (const ids of seedIds) {
    for await (const detections of source.detections(params, ids, { signal })) {
      for (const detection of detections) addLot(lots, detection, asked, pool)
      await slices.breathe()
    }
    signal.throwIfAborted()
  }
  return lots
}

function addLot(
  lots: DetectionLots,
  { containerId, date, inputQty, defects }: Detection,
  asked: Set<string> | null,
  pool: (text: string) => string,
) {
  if (lots.positions.has(containerId)) return
  const quantities = new Map<string, number>()
  let lost = 0
  for (const { reason, qty } of defects) {
    lots.allReasons.set(reason, (lots.allReasons.get(reason) ?? 0) + qty)
    if (asked && !asked.has(reason)) continue
    quantities.set(reason, (quantities.get(reason) ?? 0) + qty)
    lost += qty
  }
  lots.positions.set(containerId, lots.count++)
  lots.ids.push(containerId)
  lots.dates.push(pool(date))
  lots.inputs.push(inputQty)
  lots.defects.push(lost)
  for (const [reason, qty] of quantities) {
    lots.reasonNames.push(pool(reason))
    lots.reasonQuantities.push(qty)
  }
  lots.reasonStarts.push(lots.reasonNames.length)
}

/** The reasons of one lot that were asked about, with what was lost for each. */
export function* reasonsOf(lots: DetectionLots, lot: number): Generator<readonly [string, number]> {
  const end = lots.reasonStarts[lot + 1]!
  for (let at = lots.reasonStarts[lot]!; at < end; at++) {
    yield [lots.reasonNames[at]!, lots.reasonQuantities[at]!]
  }
}

/** Lines of a table that has one for each reason of a lot, and one for a lot without any. */
export function reasonLines({ count, reasonStarts }: DetectionLots): number {
  let lines = 0
  for (let lot = 0; lot < count; lot++) lines += Math.max(1, reasonStarts[lot + 1]! - reasonStarts[lot]!)
  return lines
}
