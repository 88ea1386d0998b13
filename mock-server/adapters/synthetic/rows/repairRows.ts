import { hash } from '../hash.js'
import { lotName } from '../lotNames.js'
import { firstTrackAt, readTracks } from '../readTracks.js'
import { SALT } from '../salts.js'
import { CAUSE_CODES, REPAIR_CODES, REPAIR_MODELS, SYMPTOM_CODES } from '../vocabulary.js'
import type { LotRows } from './LotRows.js'

/** Lots of a kind that follow each other stand at a machine together. */
const LOTS_AT_A_MACHINE = 4

/**
 * `jobs`: repairs of a machine that a lot stood at. A repair names all lots it held up, and each of them has a copy of
 * its row.
 */
export const repairRows: LotRows = ({ id, family, place }, { formatTime }, rows) => {
  const layer = family.layers[place]!
  const start = family.layerStarts[layer]!
  const first = place - ((place - start) % LOTS_AT_A_MACHINE)
  const number = family.index * 256 + first
  const draw = hash(number, layer, SALT.repair)
  if (draw % 4 !== 0) return
  const held: number[] = []
  const end = Math.min(first + LOTS_AT_A_MACHINE, family.layerStarts[layer + 1]!)
  for (let lot = first; lot < end; lot++) {
    if (lot === first || hash(draw, lot, SALT.repair) % 3 !== 0) held.push(lot)
  }
  if (!held.includes(place)) return
  const route = family.routes[layer]!
  const { step, machine, inAt } = firstTrackAt(
    readTracks({ family, place: first }),
    route[(draw >>> 4) % route.length]!.group,
  )!
  const isDone = (draw >>> 8) % 9 !== 0
  rows.push({
    JOBID: `JOB${String(number).padStart(9, '0')}`,
    RESOURCEID: step.machineIds[machine]!,
    RESOURCENAME: step.machines[machine]!,
    JOBSTATUS: isDone ? 'COMPLETE' : 'OPEN',
    JOBMODELNAME: REPAIR_MODELS[(draw >>> 10) % REPAIR_MODELS.length]!,
    JOBORDERNAME: `JO${family.year}${String(draw % 1_000_000).padStart(6, '0')}`,
    CREATEDATE: formatTime(inAt + 60),
    COMPLETEDATE: isDone ? formatTime(inAt + 660 + ((draw >>> 6) % 9000)) : null,
    CAUSECODENAME: isDone ? CAUSE_CODES[(draw >>> 13) % CAUSE_CODES.length]! : null,
    REPAIRCODENAME: isDone ? REPAIR_CODES[(draw >>> 16) % REPAIR_CODES.length]! : null,
    SYMPTOMCODENAME: SYMPTOM_CODES[(draw >>> 19) % SYMPTOM_CODES.length]!,
    CONTAINERIDS: held.map((lot) => family.ids[lot]!).join(','),
    CONTAINERNAMES: held.map((lot) => lotName({ family, place: lot })).join(','),
    CONTAINERID: id,
  })
}
