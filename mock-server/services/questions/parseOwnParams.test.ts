import { describe, expect, it } from 'vitest'
import type { ParamDescription } from '../../../src/protocol/index.js'
import { parseOwnParams } from './parseOwnParams.js'

const DAY: ParamDescription = { name: 'from', kind: 'date', required: true }
const LEAST: ParamDescription = { name: 'least', kind: 'number', default: 5 }
const SHIFTS: ParamDescription = {
  name: 'shift',
  kind: 'choice',
  many: true,
  choices: [{ value: 'day' }, { value: 'night' }],
}
const NAME: ParamDescription = { name: 'machine', kind: 'text' }

const parse = (asked: Record<string, unknown>, params = [DAY, LEAST, SHIFTS, NAME]) =>
  parseOwnParams({ params }, asked)
const refused = (message: string) => expect.objectContaining({ code: 'INVALID_PARAMS', message })

describe('params of a profile’s own', () => {
  it('are read as described, with defaults; what was not given is left out', () => {
    expect(parse({ from: ' 2026-01-31 ', machine: '', unknown: 1 })).toEqual({ from: '2026-01-31', least: 5 })
  })

  it('are not taken from what every object has', () => {
    expect(parse({}, [{ ...NAME, name: 'constructor' }])).toEqual({})
  })

  it('that take several are the same in any order, however often a value comes', () => {
    const asked = { from: '2026-01-31', shift: ['night', 'day', ' night'] }
    expect(parse(asked).shift).toEqual(['day', 'night'])
    expect(parse({ ...asked, shift: 'day' }).shift).toEqual(['day'])
    expect(parse({ ...asked, shift: [] })).not.toHaveProperty('shift')
  })

  it('may be several numbers, in their own order', () => {
    const shots: ParamDescription = { name: 'shot', kind: 'number', many: true }
    expect(parse({ shot: [10, '9', 10] }, [shots])).toEqual({ shot: [9, 10] })
  })

  it.each([
    [{}, 'from is required'],
    [{ from: '2026-02-30' }, 'from must be a date like 2026-01-31'],
    [{ from: 20260131 }, 'from must be a text'],
    [{ from: '2026-01-31', least: 'many' }, 'least must be a number'],
    [{ from: '2026-01-31', least: ' ' }, 'least must be a number'],
    [{ from: '2026-01-31', shift: ['dusk'] }, 'shift must be one of: day,night'],
    [{ from: '2026-01-31', machine: ['A'] }, 'machine must be a text'],
    [{ from: '2026-01-31', machine: 'A\nB' }, 'machine must not contain control characters'],
    [{ from: '2026-01-31', machine: 'A'.repeat(257) }, 'machine must not be longer than 256 characters'],
    [{ from: '2026-01-31', shift: Array(1001).fill('day') }, 'shift must have at most 1000 values'],
  ])('are refused as %j', (asked, message) => {
    expect(() => parse(asked)).toThrow(refused(message))
  })
})
