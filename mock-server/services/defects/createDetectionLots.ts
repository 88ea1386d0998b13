import type { Detection } from '../../ports/index.js'
import { createTextPool } from './createTextPool.js'

/** The lots that were measured; lists are parallel. */
export interface DetectionLots {
  count: number
  ids: readonly string[]
  dates: readonly string[]
  inputs: readonly number[]
  /** Pieces lost for the reasons asked about. */
  defects: readonly number[]
  /** Of each lot, where its reasons begin in the two lists that follow, and after the last where they end. */
  reasonStarts: readonly number[]
  /** Reasons asked about, of all lots in a row: an object for each took 8 MB of a full-size job. */
  reasonNames: readonly string[]
  /** Pieces lost for each. */
  reasonQuantities: readonly number[]
  /** Pieces lost by reason, asked about or not. */
  allReasons: ReadonlyMap<string, number>
}

/** Collects measurements. A lot counts once, a reason once for each lot. */
export interface DetectionLotsInput {
  add: (detections: readonly Detection[]) => void
  /** @param lossReasons those asked about; `null` for all */
  lots: (lossReasons: readonly string[] | null) => DetectionLots
}

export function createDetectionLots(): DetectionLotsInput {
  const known = new Set<string>()
  const ids: string[] = []
  const dates: string[] = []
  const inputs: number[] = []
  const reasonStarts = [0]
  const reasonNames: string[] = []
  const reasonQuantities: number[] = []
  const allReasons = new Map<string, number>()
  const pool = createTextPool()

  function addLot({ containerId, date, inputQty, defects }: Detection) {
    if (known.has(containerId)) return
    const quantities = new Map<string, number>()
    for (const { reason, qty } of defects) {
      allReasons.set(reason, (allReasons.get(reason) ?? 0) + qty)
      quantities.set(reason, (quantities.get(reason) ?? 0) + qty)
    }
    known.add(containerId)
    ids.push(containerId)
    dates.push(pool(date))
    inputs.push(inputQty)
    for (const [reason, qty] of quantities) {
      reasonNames.push(pool(reason))
      reasonQuantities.push(qty)
    }
    reasonStarts.push(reasonNames.length)
  }

  return {
    add(detections) {
      for (const detection of detections) addLot(detection)
    },

    lots(lossReasons) {
      const asked = lossReasons && new Set(lossReasons)
      const chosen = {
        starts: [0],
        names: [] as string[],
        quantities: [] as number[],
        defects: [] as number[],
      }
      for (let lot = 0; lot < ids.length; lot++) {
        let lost = 0
        for (let at = reasonStarts[lot]!; at < reasonStarts[lot + 1]!; at++) {
          if (asked && !asked.has(reasonNames[at]!)) continue
          chosen.names.push(reasonNames[at]!)
          chosen.quantities.push(reasonQuantities[at]!)
          lost += reasonQuantities[at]!
        }
        chosen.starts.push(chosen.names.length)
        chosen.defects.push(lost)
      }
      return {
        count: ids.length,
        ids,
        dates,
        inputs,
        defects: chosen.defects,
        reasonStarts: chosen.starts,
        reasonNames: chosen.names,
        reasonQuantities: chosen.quantities,
        allReasons,
      }
    },
  }
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
