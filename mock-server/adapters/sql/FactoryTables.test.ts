import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { SourceDescription } from '../../../src/protocol/index.js'
import { describeFactory } from '../synthetic/describe.js'
import { readTables, SYNTHETIC_TABLES, type TablesInput } from './FactoryTables.js'

const FACTORY = v.parse(SourceDescription, describeFactory())
const SMALL = v.parse(SourceDescription, {
  profiles: [
    {
      name: 'stops',
      stages: ['events'],
      params: [
        { name: 'from', kind: 'date' },
        { name: 'line', kind: 'text' },
        { name: 'who', kind: 'text' },
      ],
      domains: ['stops'],
    },
  ],
  domains: [
    {
      name: 'stops',
      columns: [
        { name: 'BEGUN', kind: 'time' },
        { name: 'LINE', kind: 'text' },
        { name: 'OPERATOR', kind: 'text' },
      ],
    },
  ],
})

describe('readTables', () => {
  it('fills in the default layout', () => {
    const tables = readTables(FACTORY, SYNTHETIC_TABLES)

    expect(tables.lots).toMatchObject({ table: 'lots', id: 'container_id', name: 'container_name' })
    expect(tables.resolve.get('work_order')).toEqual({
      table: 'lot_values',
      value: 'value',
      id: 'container_id',
      where: { resolve_type: 'work_order' },
    })
    expect(tables.serials?.where).toEqual({ resolve_type: 'serial_number' })
    expect(tables.domains.get('upstream_history')).toMatchObject({
      table: 'upstream_history',
      id: 'container_id',
      order: ['row_no'],
    })
    expect(tables.domains.get('jobs')!.columns.slice(-3)).toEqual([
      { name: 'CONTAINERIDS', column: 'containerids' },
      { name: 'CONTAINERNAMES', column: 'containernames' },
      { name: 'CONTAINERID', column: 'container_id' },
    ])
    expect([...tables.domains.keys()]).not.toContain('downtime')
    expect(tables.lists.get('downtime')!.filters).toEqual([
      { param: 'from', column: 'starttime', compare: 'from' },
      { param: 'to', column: 'starttime', compare: 'to' },
      { param: 'station', column: 'workcenter_group', compare: 'equal' },
    ])
  })

  it('takes what a factory calls its own', () => {
    const tables = readTables(FACTORY, {
      ...SYNTHETIC_TABLES,
      resolve: { lot_id: { table: 'mes.container', value: 'containername', id: 'containerid' } },
      domains: {
        history: {
          table: 'mes.wip_history',
          id: 'containerid',
          columns: { SPECNAME: 'operation', PJ_BOP: null },
          order: ['trackintimestamp', 'txnid'],
        },
      },
      serials: null,
    })

    expect(tables.resolve.get('lot_id')).toMatchObject({ table: 'mes.container', where: {} })
    const { table, columns, order } = tables.domains.get('history')!
    expect([table, order]).toEqual(['mes.wip_history', ['trackintimestamp', 'txnid']])
    expect(columns).toContainEqual({ name: 'SPECNAME', column: 'operation' })
    expect(columns).toContainEqual({ name: 'PJ_BOP', column: null })
    expect(columns[0]).toEqual({ name: 'CONTAINERID', column: 'containerid' })
    expect(tables.serials).toBeNull()
  })

  it('filters by the column of the same name, and asks where there is none', () => {
    expect(() => readTables(SMALL)).toThrow('tables.lists.stops.filters.who: say which column it filters.')
    const lists = { stops: { filters: { who: { column: 'operator' } } } }
    expect(readTables(SMALL, { lists }).lists.get('stops')!.filters).toEqual([
      { param: 'from', column: 'begun', compare: 'from' },
      { param: 'line', column: 'line', compare: 'equal' },
      { param: 'who', column: 'operator', compare: 'equal' },
    ])
  })

  it('filters a domain of two profiles by the params of both', () => {
    const stops = SMALL.profiles.find(({ domains }) => Array.isArray(domains) && domains.includes('stops'))!
    const byLine = { ...stops, name: 'by_line', params: stops.params.filter(({ name }) => name === 'line') }
    const lists = { stops: { filters: { who: { column: 'operator' } } } }
    const { filters } = readTables({ ...SMALL, profiles: [...SMALL.profiles, byLine] }, { lists }).lists.get(
      'stops',
    )!
    expect(filters.map(({ param }) => param)).toEqual(['from', 'line', 'who'])
  })

  it.each<[string, object, string]>([
    ['a key it does not know', { lots: { idd: 'x' } }, 'tables.lots.idd'],
    ['an empty name', { lots: { id: '' } }, 'tables.lots.id: a name'],
    ['a domain that is not described', { domains: { pressure: {} } }, 'tables.domains.pressure'],
    [
      'a column that is not described',
      { domains: { history: { columns: { OVEN: 'oven' } } } },
      'tables.domains.history.columns.OVEN',
    ],
  ])('says where a mapping has %s', (_, tables, sentence) => {
    expect(() => readTables(FACTORY, { ...SYNTHETIC_TABLES, ...tables } as TablesInput)).toThrow(sentence)
  })

  it('refuses seeds with filters of their own', () => {
    const [profile, ...others] = FACTORY.profiles
    const profiles = [{ ...profile!, params: [{ name: 'shift', kind: 'text' as const }] }, ...others]
    expect(() => readTables({ ...FACTORY, profiles }, SYNTHETIC_TABLES)).toThrow(
      'Profile query_tool has seeds and params of its own, which no mapping can filter by.',
    )
  })
})
