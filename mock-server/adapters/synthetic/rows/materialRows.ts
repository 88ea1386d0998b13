import { hash } from '../hash.js'
import { lotName } from '../lotNames.js'
import { materialLotName, materialLotOf } from '../materialLots.js'
import { readTracks, specName } from '../readTracks.js'
import { SALT } from '../salts.js'
import type { LotRows } from './LotRows.js'

/** `materials`: what the lot's steps used up, and from which material lots. */
export const materialRows: LotRows = (lot, { catalogue, formatTime }, rows) => {
  const { family, place } = lot
  const name = lotName(lot)
  const number = family.index * 256 + place
  for (const track of readTracks(lot)) {
    const { step, machine, inAt } = track
    for (const [nth, material] of step.materials.entries()) {
      const draw = hash(number, step.index * 4 + nth, SALT.quantity)
      rows.push({
        CONTAINERID: lot.id,
        CONTAINERNAME: name,
        MATERIALPARTNAME: catalogue.materials[material]!,
        MATERIALLOTNAME: materialLotName(material, materialLotOf(family, place, step, nth)),
        QTYCONSUMED: (20 + (draw % 48_000)) / 1000,
        WORKCENTERNAME: step.workCenters[machine]!,
        SPECNAME: specName(track, family),
        EQUIPMENTNAME: step.machines[machine]!,
        // Issued within the first minutes of the step.
        TXNDATE: formatTime(inAt + ((draw >>> 16) % 600)),
      })
    }
  }
}
