/** What the form holds. Dates as `YYYY-MM-DD`. */
export interface DefectQuestion {
  start: string
  end: string
  station: string
  direction: 'backward' | 'forward'
  /** Empty: all. */
  lossReasons: readonly string[]
}

/** Five months of the synthetic factory: 57,000 lots that were tested, 116,000 containers behind them. */
export const FIRST_QUESTION: DefectQuestion = {
  start: '2026-01-01',
  end: '2026-05-31',
  station: '測試',
  direction: 'backward',
  lossReasons: [],
}

export const RANGES = {
  full: ['2026-01-01', '2026-05-31'],
  month: ['2026-05-01', '2026-05-31'],
  week: ['2026-05-25', '2026-05-31'],
  day: ['2026-05-31', '2026-05-31'],
} as const

export function toParams({ start, end, station, direction, lossReasons }: DefectQuestion) {
  return {
    start_date: start,
    end_date: end,
    station,
    direction,
    ...(lossReasons.length > 0 ? { loss_reasons: [...lossReasons] } : {}),
  }
}

/** What an address, or a job that was left, asks; what it leaves out is as in the form's first question. */
export function fromFields(
  field: (name: string) => string | null,
  lossReasons: readonly string[],
): DefectQuestion {
  return {
    start: field('start_date') ?? FIRST_QUESTION.start,
    end: field('end_date') ?? FIRST_QUESTION.end,
    station: field('station') ?? FIRST_QUESTION.station,
    direction: field('direction') === 'forward' ? 'forward' : 'backward',
    lossReasons,
  }
}

export function toQuery({ start, end, station, direction, lossReasons }: DefectQuestion): URLSearchParams {
  const query = new URLSearchParams({ start_date: start, end_date: end, station, direction })
  for (const reason of lossReasons) query.append('loss_reasons', reason)
  return query
}

export function fromQuery(query: URLSearchParams): DefectQuestion {
  return fromFields((name) => query.get(name), query.getAll('loss_reasons'))
}

export function fromParams(params: Readonly<Record<string, unknown>>): DefectQuestion {
  const field = (name: string) => (typeof params[name] === 'string' ? params[name] : null)
  const reasons = Array.isArray(params.loss_reasons) ? params.loss_reasons : []
  return fromFields(
    field,
    reasons.filter((reason) => typeof reason === 'string'),
  )
}
