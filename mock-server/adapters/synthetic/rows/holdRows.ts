import { hash } from '../hash.js'
import { lotName } from '../lotNames.js'
import { readTracks } from '../readTracks.js'
import { SALT } from '../salts.js'
import { DEPARTMENTS, HOLD_COMMENTS, HOLD_REASONS, RELEASE_COMMENTS } from '../vocabulary.js'
import type { LotRows } from './LotRows.js'

/** `holds`: one lot in six was held once, one in thirty-six twice; one hold in seven has not been released. */
export const holdRows: LotRows = (lot, { formatTime }, rows) => {
  const { family, place } = lot
  const number = family.index * 256 + place
  const tracks = readTracks(lot)
  for (let nth = 0; nth < 2; nth++) {
    const draw = hash(number, nth, SALT.hold)
    if (draw % 6 !== 0) return
    const when = hash(draw, nth, SALT.hold)
    const { step, machine, inAt } = tracks[when % tracks.length]!
    const heldAt = inAt + ((when >>> 8) % 240)
    const isReleased = (draw >>> 4) % 7 !== 0
    const seconds = 900 + ((when >>> 4) % 260_000)
    rows.push({
      CONTAINERID: lot.id,
      CONTAINERNAME: lotName(lot),
      WORKCENTERNAME: step.workCenters[machine]!,
      HOLDTXNDATE: formatTime(heldAt),
      HOLDEMP: employee(draw),
      HOLDEMPDEPTNAME: DEPARTMENTS[(draw >>> 12) % DEPARTMENTS.length]!,
      HOLDREASONNAME: HOLD_REASONS[(draw >>> 16) % HOLD_REASONS.length]!,
      HOLDCOMMENTS: (draw >>> 20) % 5 === 0 ? null : HOLD_COMMENTS[(draw >>> 21) % HOLD_COMMENTS.length]!,
      RELEASETXNDATE: isReleased ? formatTime(heldAt + seconds) : null,
      RELEASEEMP: isReleased ? employee(when) : null,
      RELEASECOMMENTS: isReleased ? RELEASE_COMMENTS[when % RELEASE_COMMENTS.length]! : null,
      NCRID: when % 4 === 0 ? `NCR${family.year}${String(when % 100_000).padStart(5, '0')}` : null,
      HOLD_STATUS: isReleased ? 'RELEASED' : 'HOLD',
      HOLD_HOURS: isReleased ? Math.round(seconds / 36) / 100 : null,
    })
  }
}

function employee(draw: number): string {
  return `E${String(10_000 + (draw % 8000))}`
}
