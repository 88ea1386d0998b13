import type { Detection } from '../../ports/index.js'
import type { Lot } from './createFactory.js'
import { formatDay } from './factoryTime.js'
import { lotName } from './lotNames.js'
import { isRework } from './lotValues.js'
import { firstTrackAt, readTracks } from './readTracks.js'

/** What was measured of a lot when it first came to a station; `null` when it never did. */
export function detect(lot: Lot, station: string): Detection | null {
  const track = firstTrackAt(readTracks(lot), station)
  return (
    track && {
      containerId: lot.id,
      lotId: lotName(lot),
      product: lot.family.product.name,
      isRework: isRework(lot),
      date: formatDay(track.inAt),
      inputQty: track.inQty,
      defects: [...track.defects],
    }
  )
}
