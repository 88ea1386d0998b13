import { defaultDomains, type Profile } from '../../protocol/index.js'

/** What a trace is to find out. */
export interface TraceQuestion {
  /** One of the known profiles, or another that the server knows. */
  profile: Profile | (string & {})
  /** As the server's seed-resolve takes them. */
  params: Readonly<Record<string, unknown>>
  /** Default: what the profile and `params.direction` call for. */
  domains?: readonly string[]
  /** `full` when the page shows the lineage itself; default `minimal`: counts and an id, where offered. */
  lineage?: 'minimal' | 'full'
}

/** The domains a question asks for. */
export function domainsOf({ profile, params, domains }: TraceQuestion): readonly string[] {
  if (domains) return domains
  return defaultDomains(profile as Profile, params.direction === 'forward' ? 'forward' : 'backward')
}

/** Whether the answer has figures too. */
export function needsAggregation({ profile }: TraceQuestion): boolean {
  return profile === 'mid_section_defect'
}
