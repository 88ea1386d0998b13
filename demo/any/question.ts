import type { ParamDescription, ProfileDescription } from 'vue-trace-progress'

/** What the form holds: texts by field, lists where several may be given. */
export interface AnyQuestion {
  profile: string
  fields: Readonly<Record<string, string | readonly string[]>>
}

/** How the seeds of a profile are asked for; `null` for one that has none. */
export function seedsBy({ stages, seeds }: ProfileDescription, fields: AnyQuestion['fields']) {
  if (!stages.includes('seeds')) return null
  const hasTypes = (seeds?.types.length ?? 0) > 0
  if (!seeds?.dates) return 'values'
  return hasTypes && fields.mode === 'container' ? 'values' : 'dates'
}

export function firstQuestion(profile: ProfileDescription): AnyQuestion {
  const { seeds, params, direction } = profile
  const own = params.flatMap((param) => (param.default === undefined ? [] : [[param.name, textsOf(param)]]))
  const first = {
    ...(seeds?.dates ? { mode: 'date_range', station: seeds.stations?.[0]?.value ?? '' } : {}),
    ...(direction === 'asked' ? { direction: 'backward' } : {}),
    ...(seeds?.types.length ? { resolve_type: seeds.types[0]!.value, values: [] } : {}),
  }
  return {
    profile: profile.name,
    fields: { ...first, ...(Object.fromEntries(own) as AnyQuestion['fields']) },
  }
}

function textsOf({ default: value, many }: ParamDescription): string | string[] {
  const texts = [value ?? []].flat().map(String)
  return many ? texts : (texts[0] ?? '')
}

/** The fields that this profile asks for, as the server takes them. */
export function toParams(profile: ProfileDescription, { fields }: AnyQuestion): Record<string, unknown> {
  const by = seedsBy(profile, fields)
  const names = [
    ...(by === 'dates' ? ['mode', 'start_date', 'end_date', 'station'] : []),
    ...(by === 'values'
      ? ['resolve_type', 'values', ...(profile.seeds?.dates ? ['mode', 'station'] : [])]
      : []),
    ...(profile.direction === 'asked' ? ['direction'] : []),
    ...profile.params.map(({ name }) => name),
  ]
  const given = names.map((name) => [name, fields[name]] as const)
  return Object.fromEntries(
    given.filter(([, value]) => value !== undefined && value !== '' && value.length > 0),
  )
}

export function toQuery({ profile, fields }: AnyQuestion): URLSearchParams {
  const query = new URLSearchParams({ profile })
  for (const [name, value] of Object.entries(fields)) {
    for (const each of [value].flat()) if (each !== '') query.append(name, each)
  }
  return query
}

export function fromQuery(query: URLSearchParams, profile: ProfileDescription): AnyQuestion {
  const lists = new Set(['values', ...profile.params.flatMap(({ name, many }) => (many ? [name] : []))])
  const names = [...new Set(query.keys())].filter((name) => name !== 'profile')
  const fields = names.map((name) => [name, lists.has(name) ? query.getAll(name) : query.get(name)!])
  return { profile: profile.name, fields: Object.fromEntries(fields) as AnyQuestion['fields'] }
}

/** A job's question, as the form has it. */
export function fromParams(params: Readonly<Record<string, unknown>>, profile: string): AnyQuestion {
  const texts = Object.entries(params).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.map(String) : String(value),
  ])
  return { profile, fields: Object.fromEntries(texts) as AnyQuestion['fields'] }
}
