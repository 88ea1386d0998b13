import { describe, expect, it } from 'vitest'
import type { PartialSource } from '../../ports/index.js'
import { createSyntheticSource } from '../../adapters/synthetic/createSyntheticSource.js'
import { checkSource } from './checkSource.js'

const signal = new AbortController().signal

/** The smallest description there is, with changes. */
function description(changes: { profile?: object; domain?: object; rest?: object } = {}) {
  return {
    profiles: [{ name: 'downtime', stages: ['events'], domains: ['stops'], ...changes.profile }],
    domains: [{ name: 'stops', columns: [{ name: 'MACHINE', kind: 'text' }], ...changes.domain }],
    ...changes.rest,
  }
}

function source(described: unknown = description(), methods: object = { rows: async function* () {} }) {
  return { describe: () => described, ...methods } as PartialSource
}

const SEEDS = { stages: ['seeds', 'events'], seeds: { types: [{ value: 'lot' }] } }
const own = (param: object) =>
  description({ profile: { params: [{ name: 'limit', kind: 'text', ...param }] } })

describe('a source of the user', () => {
  it('needs no more than describe() and what its profiles ask of it', async () => {
    const checked = checkSource(source())
    expect(checked.description.profiles[0]).toMatchObject({ name: 'downtime', params: [] })
    await expect(checked.source.lineage([], 'backward', { signal, details: false })).rejects.toThrow(
      'The source has no method lineage',
    )
    await expect(
      checked.source.events('stops', [], { signal })[Symbol.asyncIterator]().next(),
    ).rejects.toThrow('The source has no method events')
    await checked.source.close?.()
  })

  it('may be an instance of a class', async () => {
    class Plant {
      count = 3
      describe = () => description() as ReturnType<PartialSource['describe']>
      async *rows() {
        yield { rows: [{ N: this.count }], next: null }
      }
    }
    const { source } = checkSource(new Plant())
    const query = { profile: 'downtime', domain: 'stops', params: {} }
    const pages = source.rows(query, { signal, after: null })[Symbol.asyncIterator]()
    expect((await pages.next()).value).toEqual({ rows: [{ N: 3 }], next: null })
  })

  it('is as good as the synthetic factory', () => {
    expect(checkSource(createSyntheticSource()).description.profiles).toHaveLength(4)
  })

  it.each<[string, PartialSource, string]>([
    ['is none', null as never, 'source must be an object with describe(), or a function that makes one.'],
    [
      'does not describe itself',
      {} as never,
      'source.describe must be there: a function that says which profiles and domains there are.',
    ],
    [
      'lacks a method for rows',
      source(description(), {}),
      'source.rows must be there: a function that source.describe().profiles[0] (downtime) needs.',
    ],
    [
      'lacks a method for lineage',
      source(description({ profile: { ...SEEDS, stages: ['seeds', 'lineage', 'events'] } }), {
        resolveSeeds() {},
        events() {},
      }),
      'source.lineage must be there: a function that source.describe().profiles[0] (downtime) needs.',
    ],
    [
      'lacks a method for figures',
      source(description({ profile: { ...SEEDS, figures: true } }), { resolveSeeds() {}, events() {} }),
      'source.detections must be there: a function that source.describe().profiles[0] (downtime) needs.',
    ],
  ])('is refused when it %s', (_, given, sentence) => {
    expect(() => checkSource(given)).toThrow(new Error(sentence))
  })

  it('tells what its description fails with', () => {
    const broken = {
      describe() {
        throw new Error('no table LOTS')
      },
    }
    expect(() => checkSource(broken)).toThrow('source.describe() failed: no table LOTS')
  })
})

describe('the description of a source', () => {
  it.each<[string, unknown, string]>([
    ['is nothing', null, ' must be an object, not null'],
    ['has no profiles', { domains: [] }, '.profiles must be there'],
    [
      'has an empty list of profiles',
      { profiles: [], domains: [] },
      '.profiles must have at least one profile',
    ],
    [
      'has a name that is none',
      description({ profile: { name: '1st' } }),
      '.profiles[0].name must be a name of letters, digits, _ and -, a letter first, not "1st"',
    ],
    [
      'has an unknown kind',
      description({ domain: { columns: [{ name: 'A', kind: 'date' }] } }),
      '.domains[0].columns[0].kind must be one of id, text, quantity, time, rate, not "date"',
    ],
    [
      'has an empty title',
      description({ domain: { title: { en: '' } } }),
      '.domains[0].title must be a text, or { en, zh-Hant-TW }',
    ],
    [
      'mistypes a key',
      description({ domain: { colums: [] } }),
      '.domains[0].colums is not known: remove it, or look at its spelling',
    ],
    [
      'mistypes a key of its own',
      description({ rest: { profile: [] } }),
      '.profile is not known: remove it, or look at its spelling',
    ],
    [
      'has two columns of one name',
      description({
        domain: {
          columns: [
            { name: 'A', kind: 'id' },
            { name: 'A', kind: 'text' },
          ],
        },
      }),
      '.domains[0].columns[1].name must not be "A" a second time',
    ],
    [
      'has two types of one name',
      description({ profile: { ...SEEDS, seeds: { types: [{ value: 'lot' }, { value: 'lot' }] } } }),
      '.profiles[0].seeds.types[1].value must not be "lot" a second time',
    ],
    [
      'takes a name of the log',
      description({ domain: { name: 'seeds' } }),
      '.domains[0].name must not be "seeds": every run has a domain of that name; choose another',
    ],
    [
      'fetches a domain that is not there',
      description({ profile: { domains: ['stops', 'halts'] } }),
      '.profiles[0].domains[1] names "halts", which is not in domains: describe it there',
    ],
    [
      'fetches a domain twice',
      description({ profile: { domains: ['stops', 'stops'] } }),
      '.profiles[0].domains[1] names "stops" a second time',
    ],
    [
      'fetches nothing one way',
      description({ profile: { domains: { backward: ['stops'], forward: [] } } }),
      '.profiles[0].domains.forward must name at least one domain',
    ],
    [
      'has stages that make no sense',
      description({ profile: { stages: ['lineage', 'events'] } }),
      `.profiles[0].stages must be ['seeds', 'lineage', 'events'], ['seeds', 'events'] or ['events'], not "lineage, events"`,
    ],
    [
      'has seeds that cannot be named',
      description({ profile: { ...SEEDS, seeds: {} } }),
      '.profiles[0].seeds must have types or dates: how seeds are named',
    ],
    [
      'names seeds that it does not ask for',
      description({ profile: { seeds: SEEDS.seeds } }),
      `.profiles[0].seeds must not be there without 'seeds' in stages`,
    ],
    [
      'has figures of no seeds',
      description({ profile: { figures: true } }),
      `.profiles[0].figures must not be there without 'seeds' in stages: figures are of seeds`,
    ],
    [
      'has a direction of no lineage',
      description({ profile: { direction: 'asked' } }),
      `.profiles[0].direction must not be there without 'lineage' in stages`,
    ],
    [
      'takes a param of the protocol',
      description({ profile: { ...SEEDS, params: [{ name: 'values', kind: 'text' }] } }),
      '.profiles[0].params[0].name must not be "values": the protocol has a param of that name; choose another',
    ],
    ...['input_type', 'date_range', 'pj_types', 'loss_reasons'].map(
      (name) =>
        [
          `takes the protocol’s ${name}`,
          description({ profile: { ...SEEDS, params: [{ name, kind: 'text' }] } }),
          `.profiles[0].params[0].name must not be "${name}": the protocol has a param of that name; choose another`,
        ] as [string, unknown, string],
    ),
    [
      'has a filter that no question can name, having no seeds',
      own({ name: 'values' }),
      '.profiles[0].params[0].name must not be "values": the protocol has a param of that name; choose another',
    ],
    [
      'names a param as what every object has',
      own({ name: 'constructor' }),
      '.profiles[0].params[0].name must not be "constructor": every object of JavaScript has a member of that name',
    ],
    [
      'names a profile as what every object has',
      description({ profile: { name: 'toString' } }),
      '.profiles[0].name must not be "toString": every object of JavaScript has a member of that name',
    ],
    [
      'names a domain as what every object has',
      description({ domain: { name: 'valueOf' } }),
      '.domains[0].name must not be "valueOf": every object of JavaScript has a member of that name',
    ],
    [
      'names a domain as what every object inherits',
      description({ domain: { name: '__proto__' } }),
      '.domains[0].name must be a name of letters, digits, _ and -, a letter first, not "__proto__"',
    ],
    [
      'has a choice that nobody can make',
      own({ kind: 'choice', choices: [{ value: 'a ' }] }),
      '.profiles[0].params[0].choices[0].value must not begin or end with blanks, as "a " does: what is asked for is trimmed',
    ],
    [
      'has a type that nobody can ask for',
      description({ profile: { ...SEEDS, seeds: { types: [{ value: ' lot' }] } } }),
      '.profiles[0].seeds.types[0].value must not begin or end with blanks, as " lot" does: what is asked for is trimmed',
    ],
    [
      'has a station that nobody can ask for',
      description({ profile: { ...SEEDS, seeds: { dates: true, stations: [{ value: 'AOI\n' }] } } }),
      '.profiles[0].seeds.stations[0].value must not begin or end with blanks, as "AOI\\n" does: what is asked for is trimmed',
    ],
    [
      'has a default that is no day of the calendar',
      own({ kind: 'date', default: '2026-02-30' }),
      `.profiles[0].params[0].default must be of the kind 'date', not "2026-02-30"`,
    ],
    [
      'has a choice of nothing',
      own({ kind: 'choice' }),
      `.profiles[0].params[0].choices must be there for the kind 'choice'`,
    ],
    [
      'has choices that nobody sees',
      own({ choices: [{ value: 'a' }] }),
      `.profiles[0].params[0].choices must not be there for the kind 'text'`,
    ],
    [
      'has a default that is no number',
      own({ kind: 'number', default: 'ten' }),
      `.profiles[0].params[0].default must be of the kind 'number', not "ten"`,
    ],
    [
      'has a default that cannot be chosen',
      own({ kind: 'choice', choices: [{ value: 'a' }], default: 'b' }),
      `.profiles[0].params[0].default must be of the kind 'choice', not "b"`,
    ],
    [
      'has a list where one value is meant',
      own({ default: ['a'] }),
      '.profiles[0].params[0].default must be one value, as many is not true',
    ],
  ])('is refused when it %s', (_, described, sentence) => {
    expect(() => checkSource(source(described))).toThrow(new Error(`source.describe()${sentence}.`))
  })
})
