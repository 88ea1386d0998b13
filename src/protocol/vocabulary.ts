/** The stages of a trace, in order. */
export const STAGES = ['seed-resolve', 'lineage', 'events'] as const
export type Stage = (typeof STAGES)[number]

/** The questions of the original service. A server says in `GET /api/trace/describe` which it knows. */
export const PROFILES = ['query_tool', 'query_tool_reverse', 'mid_section_defect'] as const
export type Profile = (typeof PROFILES)[number]

/** The kinds of event rows of the original service. */
export const DOMAINS = [
  'history',
  'materials',
  'rejects',
  'holds',
  'jobs',
  'upstream_history',
  'downstream_rejects',
] as const
export type Domain = (typeof DOMAINS)[number]

export const DIRECTIONS = ['backward', 'forward'] as const
export type Direction = (typeof DIRECTIONS)[number]

/** Domains of a run's log that no request may name: what the question starts from, and what was measured of it (MSD). */
export const RUN_DOMAINS = ['seeds', 'detections'] as const

/** What `params.resolve_type` may name, by profile; for `mid_section_defect` only in container mode. */
export const RESOLVE_TYPES = {
  query_tool: ['wafer_lot', 'lot_id', 'work_order'],
  query_tool_reverse: ['serial_number', 'gd_work_order', 'gd_lot_id'],
  mid_section_defect: ['lot_id', 'work_order', 'wafer_lot'],
} as const satisfies Record<Profile, readonly string[]>
export type ResolveType = (typeof RESOLVE_TYPES)[Profile][number]

/** A job's life. `started` and `finished` of the original service are read as `running` and `completed`. */
export const JOB_STATES = ['queued', 'running', 'completed', 'failed', 'cancelled'] as const
export type JobState = (typeof JOB_STATES)[number]

/** Where a job is inside its life, for progress displays. */
export const JOB_PHASES = [
  'queued',
  'seeds',
  'lineage',
  'fetching',
  'aggregating',
  'cancelling',
  'done',
] as const
export type JobPhase = (typeof JOB_PHASES)[number]

/** The domains a page asks for when it names none (the original page's choice). */
export function defaultDomains(profile: Profile, direction: Direction = 'backward'): Domain[] {
  if (profile !== 'mid_section_defect') return ['history', 'materials', 'rejects', 'holds', 'jobs']
  return direction === 'forward'
    ? ['upstream_history', 'downstream_rejects']
    : ['upstream_history', 'materials']
}

/** Lineage direction as the server takes it: the query tools have a fixed one, MSD reads `params.direction`. */
export function lineageDirection(profile: Profile, params: Record<string, unknown> = {}): Direction {
  if (profile === 'query_tool') return 'forward'
  if (profile === 'query_tool_reverse') return 'backward'
  return params.direction === 'forward' ? 'forward' : 'backward'
}

/** Whether a job in this state will change no more. */
export function isTerminal(state: JobState): boolean {
  return state === 'completed' || state === 'failed' || state === 'cancelled'
}
