import { describe, expect, it } from 'vitest'
import { isTraceError } from '../../errors.js'
import { streamEvent } from '../../protocol/fromWire.js'
import { decodeTraceStream } from '../decodeTraceStream.js'
import { createRandom, type Random } from './createRandom.js'
import { isSame } from './isSame.js'
import { parsedExactly } from './parsedExactly.js'
import { randomLines } from './randomLines.js'

/** `FUZZ_LINES=1000000 FUZZ_SEED=7 npx vitest run src/records/fuzz` */
const lineCount = Number(process.env.FUZZ_LINES ?? 100_000)
const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 32)

const LINES_PER_STREAM = 40
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

type Seen = { domain: string; seq: number | null; rows: unknown[] } | null | 'refused'

/** What a line says, by `JSON.parse`, numbers that a double cannot hold as text. */
function expected(line: Uint8Array): Seen {
  try {
    const text = utf8.decode(line)
    if (/^[ \t\r]*$/.test(text)) return null
    const event = streamEvent(parsedExactly(text), 1, (data) => data)
    if (event?.type !== 'records') return null
    const wrong = (row: unknown) => typeof row !== 'object' || row === null || Array.isArray(row)
    if (event.count !== event.rows.length || event.rows.some(wrong)) return 'refused'
    return { domain: event.domain, seq: event.seq, rows: event.rows }
  } catch {
    return 'refused'
  }
}

async function* inPieces(lines: Uint8Array[], random: Random) {
  for (const line of lines) {
    const cut = random.below(line.length + 1)
    yield line.slice(0, cut)
    yield line.slice(cut)
    yield Uint8Array.of(10)
  }
}

async function decoded(lines: Uint8Array[], random: Random): Promise<Seen[]> {
  const seen: Seen[] = []
  try {
    for await (const event of decodeTraceStream(inPieces(lines, random))) {
      if (event.type !== 'records') continue
      const { rows: batch } = event
      const rows = Array.from({ length: batch.length }, (_, i) => batch.at(i))
      for (const column of batch.columns) {
        for (const [i, row] of rows.entries()) {
          const cell = Object.hasOwn(row, column) ? row[column] : undefined
          if (!isSame(batch.value(i, column), cell))
            throw new Error(`value(${i}, '${column}') differs from at(${i})`)
        }
      }
      seen.push({ domain: event.domain, seq: event.seq, rows })
    }
  } catch (error) {
    if (!isTraceError(error) || error.code !== 'MALFORMED_LINE') throw error
    seen.push('refused')
  }
  return seen
}

describe('decodeTraceStream', () => {
  it(`reads ${lineCount} lines as JSON.parse does, and refuses what it refuses (FUZZ_SEED=${seed})`, async () => {
    const random = createRandom(seed)
    let refused = 0
    for (let done = 0; done < lineCount;) {
      const lines = randomLines(random, LINES_PER_STREAM)
      const expectations = lines.map(expected)
      // A stream ends at its first fault: what comes after is a stream of its own.
      while (lines.length > 0) {
        const fault = expectations.indexOf('refused')
        const end = fault === -1 ? lines.length : fault + 1
        const batch = lines.splice(0, end)
        const wanted = expectations.splice(0, end).filter((seen) => seen !== null)
        const seen = await decoded(batch, random)
        if (!isSame(seen, wanted)) {
          const texts = batch.map((line) => new TextDecoder().decode(line)).join('\n')
          expect(seen, `FUZZ_SEED=${seed}, after ${done} lines:\n${texts}`).toEqual(wanted)
          expect.fail(`FUZZ_SEED=${seed}, after ${done} lines: the values differ in their bits:\n${texts}`)
        }
        if (fault !== -1) refused++
        done += end
      }
    }
    // Both kinds must have been tried.
    expect(refused / lineCount).toBeGreaterThan(0.05)
    expect(refused / lineCount).toBeLessThan(0.3)
  }, 600_000)
})
