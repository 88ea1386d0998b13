import type { SourceFacts } from '../adapters/contracts/traceSource.contract.js'
import { createFactory, type FamilyRange } from '../adapters/synthetic/createFactory.js'
import { createTimeFormat, formatDay } from '../adapters/synthetic/factoryTime.js'
import { lotName, orderName, serials, waferName } from '../adapters/synthetic/lotNames.js'
import { LAYER } from '../adapters/synthetic/catalogue.js'
import { holdRows } from '../adapters/synthetic/rows/holdRows.js'
import type { Row } from '../ports/index.js'

const DAY = 86_400

/** What is known of the synthetic factory, or of the part of it that was written somewhere. */
export function factoryFacts(families: FamilyRange): SourceFacts {
  const factory = createFactory(1, families)
  const context = { catalogue: factory.catalogue, formatTime: createTimeFormat() }
  const middle = Math.floor((families.first + families.last) / 2)
  const [family, next] = [factory.family(middle)!, factory.family(middle + 1)!]
  const finished = lotsOf(family, LAYER.finished)
  const rework = lotsOf(family, LAYER.rework)
  const shipped = lotsOf(family, LAYER.shipped)
  const few = finished.slice(0, 3)
  // The lots of a family are tested a week after its first wafer.
  const dayOf = (days: number) => formatDay(family.startSeconds + days * DAY)
  // Of two families, from wafers to cartons.
  const ids = [family, next].flatMap((each) => each.ids.filter((_, place) => place % 5 === 0))
  const holds: Row[] = []
  for (const id of ids) holdRows(factory.lot(id)!, context, holds)
  return {
    values: {
      lot_id: few.map(lotName),
      work_order: [...new Set(few.map((lot) => orderName(lot)!))],
      wafer_lot: [...new Set(few.map(waferName))],
      serial_number: shipped.slice(0, 3).flatMap(serials),
      gd_work_order: [...new Set(rework.map((lot) => orderName(lot)!))],
      gd_lot_id: rework.map(lotName),
    },
    days: { station: '測試', start: dayOf(6), end: dayOf(9) },
    ids,
    // Chinese, quotation marks, new lines and nulls.
    cells: holds.flatMap((row) =>
      ['HOLDCOMMENTS', 'HOLDREASONNAME', 'HOLDTXNDATE', 'RELEASETXNDATE', 'HOLD_HOURS'].map((column) => {
        return { domain: 'holds', id: String(row.CONTAINERID), column, value: row[column]! }
      }),
    ),
    rows: {
      equipment_downtime: [
        { from: dayOf(1), to: dayOf(5) },
        { from: dayOf(5), to: dayOf(5), station: ['測試', '電鍍'] },
      ],
    },
  }
}

function lotsOf(family: NonNullable<ReturnType<ReturnType<typeof createFactory>['family']>>, layer: number) {
  const [start, end] = [family.layerStarts[layer]!, family.layerStarts[layer + 1]!]
  return Array.from({ length: end - start }, (_, i) => ({ family, place: start + i }))
}
