import {
  defaultDomains,
  DOMAINS,
  PROFILES,
  RESOLVE_TYPES,
  type Profile,
  type SourceDescription,
} from '../../protocol/index.js'

const DIRECTION = {
  query_tool: 'forward',
  query_tool_reverse: 'backward',
  mid_section_defect: 'asked',
} as const satisfies Record<Profile, string>

/** The questions of the original service, as a server of its kind would describe them; of its rows it says nothing. */
export const ORIGINAL_SERVICE: SourceDescription = {
  profiles: PROFILES.map((name) => ({
    name,
    stages: ['seeds', 'lineage', 'events'],
    direction: DIRECTION[name],
    seeds: {
      types: RESOLVE_TYPES[name].map((value) => ({ value })),
      dates: name === 'mid_section_defect',
    },
    params: [],
    figures: name === 'mid_section_defect',
    domains: { backward: defaultDomains(name, 'backward'), forward: defaultDomains(name, 'forward') },
  })),
  domains: DOMAINS.map((name) => ({ name, columns: [] })),
}
