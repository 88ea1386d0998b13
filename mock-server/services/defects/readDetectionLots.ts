import type { DefectParams, Detection, TraceSource } from '../../ports/index.js'

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
  /** Reasons asked about, by lot, with what was lost for each. */
  reasons: Detection['defects'][]
  /** Pieces lost by reason, asked about or not. */
  allReasons: Map<string, number>
}

interface Input {
  params: DefectParams
  seedIds: AsyncIterable<string[]>
  source: Pick<TraceSource, 'detections'>
  signal: AbortSignal
}

/** Collects the measurements of the seeds. A lot counts once, a reason once for each lot. */
export async function readDetectionLots({ params, seedIds, source, signal }: Input): Promise<DetectionLots> {
  const lots: DetectionLots = {
    count: 0,
    ids: [],
    positions: new Map(),
    dates: [],
    inputs: [],
    defects: [],
    reasons: [],
    allReasons: new Map(),
  }
  const asked = params.lossReasons && new Set(params.lossReasons)
  for await (const ids of seedIds) {
    for await (const detections of source.detections(params, ids, { signal })) {
      for (const detection of detections) addLot(lots, detection, asked)
    }
    signal.throwIfAborted()
  }
  return lots
}

function addLot(
  lots: DetectionLots,
  { containerId, date, inputQty, defects }: Detection,
  asked: Set<string> | null,
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
  lots.dates.push(date)
  lots.inputs.push(inputQty)
  lots.defects.push(lost)
  lots.reasons.push([...quantities].map(([reason, qty]) => ({ reason, qty })))
}
