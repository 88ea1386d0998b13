/** One bar of a chart. Quantities in pieces, rates in per cent. */
export interface Bar {
  name: string
  value: number
  rate: number | null
  lots: number | null
  input: number | null
}

export interface TrendDay {
  date: string
  input: number
  defects: number
  rate: number
}

/** The figures of a defect trace, as this page shows them. */
export interface DefectFigures {
  kpi: Readonly<Record<string, number | string | null>>
  charts: Readonly<Record<string, readonly Bar[]>>
  suspects: readonly (Bar & { dimension: string })[]
  trend: readonly TrendDay[]
  lossReasons: readonly string[]
}

type Fields = Readonly<Record<string, unknown>>

/** Reads the aggregation, which the library hands on as the server gave it: what is missing or strange is left out. */
export function readFigures(aggregation: unknown): DefectFigures | null {
  if (!isFields(aggregation)) return null
  const { kpi, charts } = aggregation
  return {
    kpi: isFields(kpi) ? (kpi as DefectFigures['kpi']) : {},
    charts: isFields(charts)
      ? Object.fromEntries(Object.entries(charts).map(([name, rows]) => [name, toBars(rows)]))
      : {},
    suspects: list(aggregation.attribution).map((row) => ({
      ...toBar(row),
      value: number(row.excess_qty) ?? 0,
      dimension: text(row.dimension),
    })),
    trend: list(aggregation.daily_trend).map((row) => ({
      date: text(row.date),
      input: number(row.input_qty) ?? 0,
      defects: number(row.defect_qty) ?? 0,
      rate: number(row.defect_rate) ?? 0,
    })),
    lossReasons: Array.isArray(aggregation.available_loss_reasons)
      ? aggregation.available_loss_reasons.map(text)
      : [],
  }
}

/** Longest first, whatever a server ranks by. */
function toBars(rows: unknown): Bar[] {
  return list(rows)
    .map(toBar)
    .sort((a, b) => b.value - a.value)
}

/** Forward, a chart shows what was rejected later; backward, what was found at the station. */
function toBar(row: Fields): Bar {
  const isForward = row.reject_qty !== undefined
  return {
    name: text(row.name),
    value: number(isForward ? row.reject_qty : row.defect_qty) ?? 0,
    rate: number(isForward ? row.reject_rate : row.defect_rate),
    lots: number(row.lot_count),
    input: number(row.input_qty),
  }
}

function list(value: unknown): Fields[] {
  return Array.isArray(value) ? value.filter(isFields) : []
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function number(value: unknown): number | null {
  return typeof value === 'number' ? value : null
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
