import * as v from 'valibot'
import {
  RUN_DOMAINS,
  SourceDescription,
  type DomainDescription,
  type ParamDescription,
  type ProfileDescription,
} from '../../../src/protocol/index.js'
import { msOfDay } from '../questions/parseDay.js'
import { SEED_PARAMS } from '../stages/readSeedRequest.js'

/** Called with the path of a mistake and what is said of it. */
type Refuse = (path: string, sentence: string) => never

/**
 * Checks what a source says of itself.
 *
 * @param input what `describe()` gave
 * @param name what the paths in sentences begin with
 * @throws {Error} one sentence with the path of the first mistake
 */
export function checkDescription(input: unknown, name = 'describe()'): SourceDescription {
  const refuse: Refuse = (path, sentence) => {
    throw new Error(`${name}${path} ${sentence}.`)
  }
  const result = v.safeParse(SourceDescription, input, {
    abortEarly: true,
    message: ({ expected }) => nameOfType(expected),
  })
  if (!result.success) {
    const [{ path, message, expected, received }] = result.issues
    const at = pathText(path?.map(({ key }) => key) ?? [])
    if (received === 'undefined' && expected?.startsWith('"')) refuse(at, 'must be there')
    refuse(at, `must be ${message}${/^[A-Z]/.test(received) ? '' : `, not ${received}`}`)
  }
  const description = result.output
  refuseUnknownKeys(input, description, '', refuse)
  if (description.profiles.length === 0) refuse('.profiles', 'must have at least one profile')
  checkNames(description.profiles, '.profiles', refuse)
  checkNames(description.domains, '.domains', refuse)
  description.domains.forEach((domain, i) => checkDomain(domain, `.domains[${i}]`, refuse))
  const domains = new Set(description.domains.map((domain) => domain.name))
  description.profiles.forEach((profile, i) => checkProfile(profile, domains, `.profiles[${i}]`, refuse))
  return description
}

function checkDomain({ name, columns }: DomainDescription, path: string, refuse: Refuse) {
  if ((RUN_DOMAINS as readonly string[]).includes(name)) {
    refuse(`${path}.name`, `must not be "${name}": every run has a domain of that name; choose another`)
  }
  checkNames(columns, `${path}.columns`, refuse)
}

function checkProfile(
  profile: ProfileDescription,
  domains: ReadonlySet<string>,
  path: string,
  refuse: Refuse,
) {
  checkStages(profile, path, refuse)
  const { seeds, params, domains: byDefault } = profile
  checkNames(seeds?.types ?? [], `${path}.seeds.types`, refuse)
  checkNames(seeds?.stations ?? [], `${path}.seeds.stations`, refuse)
  checkNames(params, `${path}.params`, refuse)
  params.forEach((param, i) => checkParam(param, profile, `${path}.params[${i}]`, refuse))
  const lists = Array.isArray(byDefault) ? { '': byDefault } : byDefault
  for (const [key, names] of Object.entries(lists)) {
    const list = `${path}.domains${key && `.${key}`}`
    if (names.length === 0) refuse(list, 'must name at least one domain')
    names.forEach((name, i) => {
      const at = `${list}[${i}]`
      if (!domains.has(name)) refuse(at, `names ${quote(name)}, which is not in domains: describe it there`)
      if (names.indexOf(name) < i) refuse(at, `names ${quote(name)} a second time`)
    })
  }
}

function checkStages(
  { stages, seeds, direction, figures }: ProfileDescription,
  path: string,
  refuse: Refuse,
) {
  const known = ['seeds,lineage,events', 'seeds,events', 'events']
  if (!known.includes(stages.join())) {
    refuse(
      `${path}.stages`,
      `must be ['seeds', 'lineage', 'events'], ['seeds', 'events'] or ['events'], not ${quote(stages.join(', '))}`,
    )
  }
  if (!stages.includes('seeds')) {
    if (seeds) refuse(`${path}.seeds`, `must not be there without 'seeds' in stages`)
    if (figures)
      refuse(`${path}.figures`, `must not be there without 'seeds' in stages: figures are of seeds`)
  } else if (!seeds || (seeds.types.length === 0 && !seeds.dates)) {
    refuse(`${path}.seeds`, 'must have types or dates: how seeds are named')
  }
  if (direction && !stages.includes('lineage')) {
    refuse(`${path}.direction`, `must not be there without 'lineage' in stages`)
  }
}

function checkParam(
  { name, kind, many, choices, default: byDefault }: ParamDescription,
  { stages }: ProfileDescription,
  path: string,
  refuse: Refuse,
) {
  // Every question's `values` are read apart, as those of seeds.
  if (name === 'values' || (stages.includes('seeds') && SEED_PARAMS.includes(name))) {
    refuse(
      `${path}.name`,
      `must not be ${quote(name)}: the protocol has a param of that name; choose another`,
    )
  }
  if (kind === 'choice' && !choices?.length) refuse(`${path}.choices`, `must be there for the kind 'choice'`)
  if (kind !== 'choice' && choices) refuse(`${path}.choices`, `must not be there for the kind '${kind}'`)
  checkNames(choices ?? [], `${path}.choices`, refuse)
  if (byDefault === undefined) return
  if (Array.isArray(byDefault) !== (many ?? false)) {
    refuse(
      `${path}.default`,
      many ? 'must be a list, as many is true' : 'must be one value, as many is not true',
    )
  }
  for (const value of [byDefault].flat()) {
    const fits = {
      text: typeof value === 'string',
      number: many ? Number.isFinite(Number(value)) : Number.isFinite(value),
      date: !Number.isNaN(msOfDay(String(value))),
      choice: choices?.some((choice) => choice.value === value),
    }[kind]
    if (!fits) refuse(`${path}.default`, `must be of the kind '${kind}', not ${quote(value)}`)
  }
}

/** Checks the names of a list's things, or the values of its choices: what questions and rows call them by. */
function checkNames(items: readonly ({ name: string } | { value: string })[], path: string, refuse: Refuse) {
  const names = items.map((item) => ('name' in item ? item.name : item.value))
  names.forEach((name, i) => {
    const key = 'name' in items[i]! ? 'name' : 'value'
    const at = `${path}[${i}].${key}`
    if (names.indexOf(name) < i) refuse(at, `must not be ${quote(name)} a second time`)
    if (key === 'value' && name !== name.trim()) {
      refuse(at, `must not begin or end with blanks, as ${quote(name)} does: what is asked for is trimmed`)
    }
    if (name in Object.prototype) {
      refuse(at, `must not be ${quote(name)}: every object of JavaScript has a member of that name`)
    }
  })
}

/** Pages pass over keys they do not know; whoever writes a description has mistyped one. */
function refuseUnknownKeys(input: unknown, known: unknown, path: string, refuse: Refuse) {
  if (typeof input !== 'object' || input === null) return
  for (const [key, value] of Object.entries(input)) {
    const at = path + pathText([Array.isArray(input) ? Number(key) : key])
    if (!Object.hasOwn(known as object, key)) refuse(at, 'is not known: remove it, or look at its spelling')
    refuseUnknownKeys(value, (known as Record<string, unknown>)[key], at, refuse)
  }
}

function nameOfType(expected: string | null): string {
  const names: Record<string, string> = {
    Array: 'a list',
    Object: 'an object',
    string: 'a text',
    boolean: 'true or false',
  }
  return names[expected ?? ''] ?? `${expected}`
}

function pathText(keys: readonly unknown[]): string {
  return keys.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('')
}

function quote(value: unknown): string {
  return JSON.stringify(value)
}
