import type { Detection, DetectionQuery } from '../../ports/index.js'
import type { SqlContext } from './SqlContext.js'
import type { SqlRow } from './SqlDatabase.js'
import { columnOf, createQuery, sortable } from './sqlText.js'

/** What was measured of some lots at the station asked about, lot by lot as they were asked for. */
export async function* readDetections(
  { database, catalog, tables }: SqlContext,
  { station, start, end }: DetectionQuery,
  ids: readonly string[],
  signal: AbortSignal,
): AsyncGenerator<Detection[]> {
  if (ids.length === 0) return
  const { lots, detections, defects } = tables
  const [measured, found, its] = await Promise.all([
    catalog.open(
      {
        key: 'tables.detections',
        table: detections.table,
        columns: [detections.id, detections.station, detections.date, detections.inputQty],
        ids: [detections.id],
      },
      signal,
    ),
    catalog.open(
      {
        key: 'tables.defects',
        table: defects.table,
        columns: [defects.id, defects.station, defects.reason, defects.qty, ...defects.order],
        ids: [defects.id],
      },
      signal,
    ),
    catalog.open(
      {
        key: 'tables.lots',
        table: lots.table,
        columns: [lots.id, lots.lotId, lots.product, lots.isRework],
        ids: [lots.id],
      },
      signal,
    ),
  ])

  const query = createQuery()
  const asked = query.param(ids, `${measured.typeOf(detections.id)}[]`)
  const day = columnOf('d', detections.date)
  const order = defects.order.map((column) => sortable('f', column, found.typeOf(column)))
  const rows = database.query(
    query.write(
      `SELECT asked.position, asked.id::text AS id, ${day}::text AS day,`,
      `  ${columnOf('d', detections.inputQty)} AS input, ${columnOf('l', lots.lotId)} AS lot,`,
      `  ${columnOf('l', lots.product)} AS product, ${columnOf('l', lots.isRework)} AS rework,`,
      `  ${columnOf('f', defects.reason)} AS reason, ${columnOf('f', defects.qty)} AS qty`,
      `FROM unnest(${asked}) WITH ORDINALITY AS asked(id, position)`,
      `JOIN ${measured.from} AS d ON ${columnOf('d', detections.id)} = asked.id`,
      `  AND ${columnOf('d', detections.station)} = ${query.param(station, measured.typeOf(detections.station))}`,
      start === null ? '' : `  AND ${day} >= ${query.param(start, 'date')}`,
      end === null ? '' : `  AND ${day} < ${query.param(end, 'date')} + 1`,
      `JOIN ${its.from} AS l ON ${columnOf('l', lots.id)} = asked.id::${its.typeOf(lots.id)}`,
      `LEFT JOIN ${found.from} AS f ON ${columnOf('f', defects.id)} = asked.id::${found.typeOf(defects.id)}`,
      `  AND ${columnOf('f', defects.station)} = ${query.param(station, found.typeOf(defects.station))}`,
      `ORDER BY asked.position, ${order.join(', ')}`,
    ),
    { signal },
  )

  let open = null as { position: unknown; detection: Detection } | null
  for await (const page of rows) {
    const whole: Detection[] = []
    for (const row of page) {
      if (open?.position !== row.position) {
        if (open) whole.push(open.detection)
        open = { position: row.position, detection: toDetection(row) }
      }
      if (row.reason !== null)
        open!.detection.defects.push({ reason: String(row.reason), qty: Number(row.qty) })
    }
    if (whole.length > 0) yield whole
  }
  if (open) yield [open.detection]
}

function toDetection({ id, day, input, lot, product, rework }: SqlRow): Detection {
  return {
    containerId: String(id),
    lotId: String(lot ?? id),
    product: product === null ? null : String(product),
    isRework: /^(y|yes|t|true|1)$/i.test(String(rework)),
    date: String(day).slice(0, 10),
    inputQty: Number(input),
    defects: [],
  }
}
