import { hash } from '../hash.js'
import { lotName, orderName, waferName } from '../lotNames.js'
import { readTracks, specName } from '../readTracks.js'
import { SALT } from '../salts.js'
import type { LotRows } from './LotRows.js'

/** `history`: every pass of the lot. One last pass in thirty is still open, if nothing was made of the lot yet. */
export const historyRows: LotRows = (lot, { formatTime }, rows) => {
  const { family, place } = lot
  const name = lotName(lot)
  const order = orderName(lot)
  const wafer = waferName(lot)
  const number = family.index * 256 + place
  const tracks = readTracks(lot)
  const isOpen = family.children[place]!.length === 0 && hash(number, 1, SALT.start) % 30 === 0
  for (const [i, track] of tracks.entries()) {
    const { step, machine, inAt, outAt, inQty, outQty } = track
    const ended = !(isOpen && i === tracks.length - 1)
    rows.push({
      CONTAINERID: lot.id,
      WORKCENTERNAME: step.workCenters[machine]!,
      EQUIPMENTID: step.machineIds[machine]!,
      EQUIPMENTNAME: step.machines[machine]!,
      SPECNAME: specName(track, family),
      TRACKINTIMESTAMP: formatTime(inAt),
      TRACKOUTTIMESTAMP: ended ? formatTime(outAt) : null,
      TRACKINQTY: inQty,
      TRACKOUTQTY: ended ? outQty : null,
      FINISHEDRUNCARD: ended ? `RC${String(hash(number, step.index, SALT.runCard)).padStart(10, '0')}` : null,
      PJ_WORKORDER: order,
      CONTAINERNAME: name,
      PJ_TYPE: family.product.type,
      PJ_BOP: family.product.bop,
      WAFER_LOT_ID: wafer,
    })
  }
}

/** `upstream_history`: the same passes, with what an attribution needs. */
export const upstreamHistoryRows: LotRows = (lot, { formatTime }, rows) => {
  for (const track of readTracks(lot)) {
    const { step, machine, inAt, inQty } = track
    rows.push({
      CONTAINERID: lot.id,
      WORKCENTERNAME: step.workCenters[machine]!,
      WORKCENTER_GROUP: step.group,
      EQUIPMENTID: step.machineIds[machine]!,
      EQUIPMENTNAME: step.machines[machine]!,
      SPECNAME: specName(track, lot.family),
      TRACKINTIMESTAMP: formatTime(inAt),
      TRACKINQTY: inQty,
    })
  }
}
