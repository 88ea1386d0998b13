import { describe, expect, it } from 'vitest'
import { isNestedDeeperThan } from './isNestedDeeperThan.js'

describe('isNestedDeeperThan', () => {
  it('counts open brackets and braces', () => {
    expect(isNestedDeeperThan(3, '{"a":[{"b":1},{"c":[]}]}')).toBe(true)
    expect(isNestedDeeperThan(4, '{"a":[{"b":1},{"c":[]}]}')).toBe(false)
    expect(isNestedDeeperThan(1, '[],[],[],{}')).toBe(false)
  })

  it('takes brackets in strings for text, whatever is escaped', () => {
    expect(isNestedDeeperThan(1, '["[[[", "\\"[[[", "\\\\"]')).toBe(false)
    expect(isNestedDeeperThan(1, '["\\\\",[1]]')).toBe(true)
  })

  it('reads a string that never ends only once', () => {
    expect(isNestedDeeperThan(1, `["${'\\"['.repeat(1_000_000)}`)).toBe(false)
  })
})
