import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { parseExactly } from './parseExactly.js'
import { behindColon, parseJsonInSteps, readEntriesInSteps } from './parseJsonInSteps.js'

const encoder = new TextEncoder()

function run(bytes: Uint8Array, stepBytes?: number): { value: unknown; steps: number } {
  const work = parseJsonInSteps(bytes, stepBytes)
  for (let steps = 0; ; steps++) {
    const { done, value } = work.next()
    if (done) return { value, steps }
  }
}

function parse(text: string, stepBytes?: number): unknown {
  return run(encoder.encode(text), stepBytes).value
}

/** The same, or that both refuse. */
function outcome(read: () => unknown): { value: unknown } | 'SyntaxError' {
  try {
    return { value: read() }
  } catch (error) {
    expect((error as Error).name).toBe('SyntaxError')
    return 'SyntaxError'
  }
}

describe('parseJsonInSteps', () => {
  it('makes of any JSON what parseExactly makes, however small the steps and wherever blanks are', () => {
    const text = fc.oneof(
      fc.json({ depthSize: 'medium' }),
      fc.jsonValue({ maxDepth: 6 }).map((value) => JSON.stringify(value, null, '\t\r')),
    )
    fc.assert(
      fc.property(text, fc.integer({ min: 0, max: 40 }), (json, stepBytes) => {
        expect(parse(json, stepBytes)).toStrictEqual(parseExactly(json))
      }),
      { numRuns: 2000 },
    )
  })

  it('refuses what JSON.parse refuses, and nothing else', () => {
    const damaged = fc
      .tuple(
        fc.json({ depthSize: 'medium' }),
        fc.nat(),
        fc.constantFrom(...'{}[],:"\\ 0-e.tn\n'),
        fc.boolean(),
      )
      .map(([json, at, byte, isExtra]) => {
        const i = at % (json.length + 1)
        return json.slice(0, i) + byte + json.slice(isExtra ? i : i + 1)
      })
    fc.assert(
      fc.property(damaged, fc.integer({ min: 0, max: 12 }), (text, stepBytes) => {
        expect(outcome(() => parse(text, stepBytes))).toStrictEqual(outcome(() => parseExactly(text)))
      }),
      { numRuns: 4000 },
    )
  })

  it.each([
    '',
    ' ',
    '[1,',
    '[1,]',
    '{"a":1,}',
    '{"a" 1}',
    '{1:2}',
    '[1}',
    '[1 2]',
    '"abc',
    '[1]]',
    ']',
    ',1',
    '{"a":}',
    '{,}',
    'nul',
  ])('refuses %j', (text) => {
    for (const stepBytes of [0, 2, 1000]) expect(() => parse(text, stepBytes)).toThrow(SyntaxError)
  })

  it('keeps keys such as __proto__ as data, and of repeated keys the last', () => {
    const text = '{"a":{"b":[1,2,3]},"__proto__":{"polluted":[1,2,3]},"a":2,"constructor":3}'
    for (const stepBytes of [0, 4, 20]) {
      const value = parse(text, stepBytes) as Record<string, unknown>
      expect(Object.keys(value)).toEqual(['a', '__proto__', 'constructor'])
      expect(JSON.stringify(value)).toBe(JSON.stringify(JSON.parse(text)))
      expect(({} as Record<string, unknown>).polluted).toBeUndefined()
    }
  })

  it('reads texts with brackets, commas, escapes and characters of several bytes, behind a byte order mark', () => {
    const value = { 'a"]}': ['],[', '\\', '測試,{', '😀\u0000'], '：': { 不良: '"' } }
    const bytes = Uint8Array.of(0xef, 0xbb, 0xbf, ...encoder.encode(JSON.stringify(value)))
    for (let stepBytes = 0; stepBytes < 30; stepBytes++) expect(run(bytes, stepBytes).value).toEqual(value)
  })

  it('takes many small steps for a large answer, wherever in it the many items are', () => {
    const items = Array.from({ length: 30_000 }, (_, i) => ({ container_id: `4881${i}` }))
    for (const value of [items, { seeds: items, count: 1 }, { results: { history: { data: items } } }]) {
      const { value: read, steps } = run(encoder.encode(JSON.stringify(value)))
      expect(read).toEqual(value)
      expect(steps).toBeGreaterThan(10)
    }
  })
})

describe('readEntriesInSteps', () => {
  function entries(text: string, stepBytes?: number): unknown[] {
    const all: unknown[] = []
    const work = readEntriesInSteps(encoder.encode(text), (some) => all.push(...some), stepBytes)
    while (!work.next().done);
    return all
  }

  it('gives of any map what JSON.parse finds in it, however small the steps and wherever blanks are', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          // Objects give numbers first: here all keys come as they are written.
          fc.string().map((key) => `.${key}`),
          fc.jsonValue(),
        ),
        fc.integer({ min: 0, max: 40 }),
        fc.constantFrom(undefined, 1),
        (map, stepBytes, indent) => {
          const json = JSON.stringify(map, null, indent)
          expect(entries(json, stepBytes)).toStrictEqual(
            Object.entries(JSON.parse(json) as object).flatMap(([key, value]) => [key, value]),
          )
        },
      ),
      { numRuns: 2000 },
    )
  })

  it('refuses what is no JSON map', () => {
    const damaged = fc
      .tuple(fc.dictionary(fc.string(), fc.jsonValue()), fc.nat(), fc.constantFrom(...'{}[],:"\\ 0-e.tn'))
      .map(([map, at, byte]) => {
        const json = JSON.stringify(map)
        const i = at % (json.length + 1)
        return json.slice(0, i) + byte + json.slice(i)
      })
    fc.assert(
      fc.property(damaged, fc.integer({ min: 0, max: 12 }), (text, stepBytes) => {
        const isMap = outcome(() => parseExactly(text)) !== 'SyntaxError' && text.startsWith('{')
        expect(outcome(() => entries(text, stepBytes)) !== 'SyntaxError').toBe(isMap)
      }),
      { numRuns: 4000 },
    )
    for (const text of ['', '[]', 'null', '"a"', '{', '{"a":1', '{"a":1,}', '{"a":1}}', '{"a" 1}']) {
      expect(() => entries(text)).toThrow(SyntaxError)
    }
  })

  it('gives repeated keys, and keys such as __proto__, as they come', () => {
    for (const stepBytes of [0, 100]) {
      expect(entries('{"a":1, "__proto__" : 2, "a":3,"7":4}', stepBytes)).toEqual([
        ...['a', 1],
        ...['__proto__', 2],
        ...['a', 3],
        ...['7', 4],
      ])
    }
  })
})

describe('behindColon', () => {
  it('is where the value begins, and refuses anything else', () => {
    expect(new TextDecoder().decode(behindColon(encoder.encode(' :\n [1]')))).toBe('[1]')
    for (const text of ['', ' ', '1', ' ['])
      expect(() => behindColon(encoder.encode(text))).toThrow(SyntaxError)
  })
})
