import { formatDay } from '../factoryTime.js'
import { hash } from '../hash.js'
import { lotName } from '../lotNames.js'
import { readTracks, specName } from '../readTracks.js'
import { SALT } from '../salts.js'
import { REJECT_COMMENTS } from '../vocabulary.js'
import type { LotRows } from './LotRows.js'

/** `rejects`: one row for each reason at each group of stations; the parts add up to `REJECT_TOTAL_QTY`. */
export const rejectRows: LotRows = (lot, { formatTime }, rows) => {
  const { family, place } = lot
  const name = lotName(lot)
  for (const track of readTracks(lot)) {
    const { step, machine, outAt, defects } = track
    for (const [i, { reason, qty }] of defects.entries()) {
      const draw = hash(family.index * 256 + place, step.index * 8 + i, SALT.reject)
      const standby = draw % 9 === 0 ? Math.floor(qty / 4) : 0
      const inProcess = draw % 5 === 0 ? Math.floor(qty / 3) : 0
      const at = formatTime(outAt)
      rows.push({
        CONTAINERID: lot.id,
        CONTAINERNAME: name,
        WORKCENTERNAME: step.workCenters[machine]!,
        WORKCENTER_GROUP: step.group,
        WORKCENTERSEQUENCE_GROUP: step.groupIndex * 10,
        PRODUCTLINENAME: family.product.line,
        PJ_FUNCTION: family.product.function,
        PJ_TYPE: family.product.type,
        PRODUCTNAME: family.product.name,
        SPECNAME: specName(track, family),
        LOSSREASONNAME: reason,
        EQUIPMENTNAME: step.machines[machine]!,
        REJECTCOMMENT: REJECT_COMMENTS[(draw >>> 8) % REJECT_COMMENTS.length]!,
        REJECT_QTY: qty - standby - inProcess,
        STANDBY_QTY: standby,
        QTYTOPROCESS_QTY: 0,
        INPROCESS_QTY: inProcess,
        PROCESSED_QTY: 0,
        REJECT_TOTAL_QTY: qty,
        DEFECT_QTY: (draw >>> 16) % 7 === 0 ? 1 + ((draw >>> 20) % 40) : 0,
        TXN_TIME: at,
        TXNDATE: at,
        TXN_DAY: `${formatDay(outAt)} 00:00:00`,
      })
    }
  }
}

/** `downstream_rejects`: the same rejects, with what an attribution needs. */
export const downstreamRejectRows: LotRows = (lot, { formatTime }, rows) => {
  for (const { step, machine, outAt, defects } of readTracks(lot)) {
    for (const { reason, qty } of defects) {
      rows.push({
        CONTAINERID: lot.id,
        WORKCENTERNAME: step.workCenters[machine]!,
        WORKCENTER_GROUP: step.group,
        LOSSREASONNAME: reason,
        EQUIPMENTNAME: step.machines[machine]!,
        REJECT_TOTAL_QTY: qty,
        TXNDATE: formatTime(outAt),
      })
    }
  }
}
