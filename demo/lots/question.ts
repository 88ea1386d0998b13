/** What the form holds. */
export interface LotQuestion {
  profile: LotProfile
  resolveType: string
  values: readonly string[]
}

/** What may be searched by, for each kind of question. */
export const RESOLVE_TYPES = {
  query_tool: ['lot_id', 'wafer_lot', 'work_order'],
  query_tool_reverse: ['serial_number', 'gd_work_order', 'gd_lot_id'],
} as const
export type LotProfile = keyof typeof RESOLVE_TYPES

/** Values the synthetic factory knows. */
export const EXAMPLES: Readonly<Record<string, readonly string[]>> = {
  lot_id: ['GA26113824-A06', 'GA26113904-A06', 'GA26113984-A06'],
  wafer_lot: ['WF26113824-01', 'WF26113904-01', 'WF26113984-01'],
  work_order: ['GA26113824', 'GA26113904', 'GA26113984'],
  serial_number: ['SN03642484-1', 'SN03645053-1', 'SN03647603-1'],
  gd_work_order: ['GD26113824', 'GD26113904', 'GD26113984'],
  gd_lot_id: ['GD26113824-A00', 'GD26113904-A00', 'GD26113984-A00'],
}

export function firstQuestion(profile: LotProfile = 'query_tool'): LotQuestion {
  const resolveType = RESOLVE_TYPES[profile][0]
  return { profile, resolveType, values: EXAMPLES[resolveType] ?? [] }
}

export function toParams({ resolveType, values }: LotQuestion) {
  return { resolve_type: resolveType, values: [...values] }
}

export function toQuery({ profile, resolveType, values }: LotQuestion): URLSearchParams {
  const query = new URLSearchParams({ profile, resolve_type: resolveType })
  for (const value of values) query.append('values', value)
  return query
}

export function fromQuery(query: URLSearchParams): LotQuestion {
  const profile = query.get('profile') === 'query_tool_reverse' ? 'query_tool_reverse' : 'query_tool'
  const resolveType = query.get('resolve_type') ?? RESOLVE_TYPES[profile][0]
  return { profile, resolveType, values: query.getAll('values') }
}

export function fromParams(params: Readonly<Record<string, unknown>>, profile: string): LotQuestion {
  return {
    profile: profile === 'query_tool_reverse' ? profile : 'query_tool',
    resolveType: String(params.resolve_type ?? ''),
    values: Array.isArray(params.values) ? params.values.map(String) : [],
  }
}
