import {
  defaultDomains,
  PROFILES,
  RUN_DOMAINS,
  type JobAccepted,
  type Profile,
} from '../../protocol/index.js'

/** What a trace is to find out. */
export interface TraceQuestion {
  /** One of the original service's profiles, or another that the server describes. */
  profile: Profile | (string & {})
  /** As the server's seed-resolve takes them. */
  params: Readonly<Record<string, unknown>>
  /** Default: what the profile and `params.direction` call for. */
  domains?: readonly string[]
  /** `full` when the page shows the lineage itself; default `minimal`: counts and an id, where offered. */
  lineage?: 'minimal' | 'full'
}

/** The domains of event rows a question asks for; empty when only the server knows, whose profile it is. */
export function domainsOf({ profile, params, domains }: TraceQuestion): readonly string[] {
  if (domains) return domains
  const known = PROFILES.find((name) => name === profile)
  return known ? defaultDomains(known, params.direction === 'forward' ? 'forward' : 'backward') : []
}

/** Whether the answer has figures too. */
export function needsAggregation({ profile }: TraceQuestion): boolean {
  return profile === 'mid_section_defect'
}

/** What the log of a run must deliver: what the server has promised, and what was asked for by name. */
export function promisedBy({ domains }: JobAccepted, question: TraceQuestion) {
  const [seeds, detections] = RUN_DOMAINS
  // Whether there are detections is said by the log.
  if (!domains)
    return { domains: [seeds, ...domainsOf(question)], needsAggregation: needsAggregation(question) }
  return {
    domains: [...new Set([...domains, ...(question.domains ?? [])])],
    needsAggregation: domains.includes(detections),
  }
}

/** The domains of event rows that a job will deliver. */
export function eventDomains({ domains }: JobAccepted, question: TraceQuestion): readonly string[] {
  const own: readonly string[] = RUN_DOMAINS
  return domains?.filter((name) => !own.includes(name)) ?? domainsOf(question)
}
