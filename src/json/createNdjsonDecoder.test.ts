import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isTraceError, type TraceErrorCode } from '../errors.js'
import { createNdjsonDecoder } from './createNdjsonDecoder.js'
import { parseExactly } from './parseExactly.js'

const encoder = new TextEncoder()

/** Values and code of the fault, whatever the chunks. */
function decode(chunks: Uint8Array[], options?: { maxLineBytes: number }) {
  const decoder = createNdjsonDecoder(options)
  const values: unknown[] = []
  let fault: { code: TraceErrorCode; line: number | undefined } | null = null
  try {
    for (const chunk of chunks) values.push(...decoder.push(chunk))
    decoder.end()
  } catch (error) {
    if (!isTraceError(error)) throw error
    fault = { code: error.code, line: error.line }
  }
  return { values, fault }
}

function decodeText(text: string, options?: { maxLineBytes: number }) {
  return decode([encoder.encode(text)], options)
}

function cutAt(bytes: Uint8Array, cuts: number[]): Uint8Array[] {
  const ends = [...new Set(cuts.map((cut) => cut % (bytes.length + 1))), bytes.length].sort((a, b) => a - b)
  return ends.map((end, i) => bytes.slice(ends[i - 1] ?? 0, end))
}

describe('createNdjsonDecoder', () => {
  const lines = [{ 站: '測試', n: -0 }, 'é𝄞', [1.5, null, true], 0, { a: { b: ['\n'] } }]
  const bytes = encoder.encode(lines.map((line) => JSON.stringify(line) + '\n').join(''))

  it('yields the same values wherever the bytes are cut', () => {
    for (let cut = 0; cut <= bytes.length; cut++) {
      const { values, fault } = decode([bytes.subarray(0, cut), bytes.subarray(cut)])
      expect(values, `cut at byte ${cut}`).toEqual(JSON.parse(JSON.stringify(lines)))
      expect(fault).toBeNull()
    }
  })

  it('yields the same values and the same fault for any text in any chunks', () => {
    const line = fc.oneof(fc.json({ stringUnit: 'binary' }), fc.string(), fc.constant('\ufeff1'))
    const end = fc.constantFrom('\n', '\r\n', '\n\n', '')
    fc.assert(
      fc.property(fc.array(fc.tuple(line, end)), fc.array(fc.nat()), (parts, cuts) => {
        const whole = encoder.encode(parts.flat().join(''))
        expect(decode(cutAt(whole, cuts))).toEqual(decode([whole]))
      }),
    )
  })

  it('gives back every JSON value', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), (values) => {
        const texts = values.map((value) => JSON.stringify(value))
        expect(decodeText(texts.map((text) => `${text}\n`).join(''))).toEqual({
          values: texts.map(parseExactly),
          fault: null,
        })
      }),
    )
  })

  it('accepts CRLF, blank lines and a byte order mark before the first line', () => {
    expect(decodeText('\ufeff1\r\n\n \t\r\n2\n').values).toEqual([1, 2])
    expect(decodeText('\ufeff').fault).toBeNull()
  })

  it('refuses a byte order mark further on', () => {
    expect(decodeText('1\n\ufeff2\n')).toEqual({ values: [1], fault: { code: 'MALFORMED_LINE', line: 2 } })
  })

  it('gives the values before a malformed line, then names the line, blank ones counted', () => {
    expect(decodeText('1\n\n2\n{oops}\n3\n')).toEqual({
      values: [1, 2],
      fault: { code: 'MALFORMED_LINE', line: 4 },
    })
  })

  it('refuses bytes that are not UTF-8', () => {
    const broken = Uint8Array.of(0x22, 0xc3, 0x28, 0x22, 0x0a)
    expect(decode([broken]).fault).toEqual({ code: 'MALFORMED_LINE', line: 1 })
  })

  it('says that the stream broke off when the last line has no end', () => {
    expect(decodeText('1\n2')).toEqual({ values: [1], fault: { code: 'STREAM_TRUNCATED', line: 2 } })
  })

  it('accepts a line of exactly the longest length, however it is cut, and refuses one byte more', () => {
    const limit = { maxLineBytes: 8 }
    for (const cuts of [[], [3], [8], [1, 2, 3, 4, 5, 6, 7]]) {
      expect(decode(cutAt(encoder.encode('"123456"\n'), cuts), limit).values).toEqual(['123456'])
      expect(decode(cutAt(encoder.encode('"1234567"\n'), cuts), limit).fault).toEqual({
        code: 'LINE_TOO_LONG',
        line: 1,
      })
    }
  })

  it('refuses a line that never ends without waiting for its end', () => {
    const decoder = createNdjsonDecoder({ maxLineBytes: 100 })
    decoder.push(new Uint8Array(100).fill(0x20))
    expect(() => decoder.push(Uint8Array.of(0x20))).toThrow(
      expect.objectContaining({ code: 'LINE_TOO_LONG' }),
    )
  })

  it('reads nothing more after a fault', () => {
    const decoder = createNdjsonDecoder()
    expect(() => decoder.push(encoder.encode('x\n'))).toThrow()
    expect(() => decoder.push(encoder.encode('1\n'))).toThrow(expect.objectContaining({ line: 1 }))
  })

  it('copies the bytes of a long line a bounded number of times', () => {
    // 16 MB in chunks of 1 KB: appended to one buffer, that would be 131 GB of copying and end in a timeout.
    const decoder = createNdjsonDecoder()
    const chunk = new Uint8Array(1024).fill(0x61)
    decoder.push(Uint8Array.of(0x22))
    for (let i = 0; i < 16 * 1024; i++) decoder.push(chunk)
    const [value] = decoder.push(Uint8Array.of(0x22, 0x0a))
    expect((value as string).length).toBe(16 * 2 ** 20)
  })
})
