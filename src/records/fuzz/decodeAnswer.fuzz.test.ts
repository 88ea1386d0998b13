import { describe, expect, it } from 'vitest'
import { isTraceError } from '../../errors.js'
import { eventsAnswer } from '../../protocol/fromWire.js'
import { decodeTraceStream } from '../decodeTraceStream.js'
import { isRow } from '../Row.js'
import { createRandom, type Random } from './createRandom.js'
import { isSame } from './isSame.js'
import { parsedExactly } from './parsedExactly.js'
import { randomAnswer } from './randomAnswer.js'

/** A twentieth of `FUZZ_LINES`: an answer has some twenty rows. */
const answerCount = Number(process.env.FUZZ_LINES ?? 100_000) / 20
const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 32)

const utf8 = new TextDecoder('utf-8', { fatal: true })

type Seen =
  | { rows: [string, unknown[]][]; counts: [string, number | null][]; aggregation: unknown; failed: string[] }
  | 'refused'

/** What an answer says, by `JSON.parse`, numbers that a double cannot hold as text. */
function expected(bytes: Uint8Array): Seen {
  try {
    const { results, aggregation, failedDomains } = eventsAnswer(parsedExactly(utf8.decode(bytes)))
    const rows = [...results].map(([domain, { rows }]): [string, unknown[]] => [domain, rows])
    if (!rows.every(([, list]) => list.every(isRow))) return 'refused'
    const counts = [...results]
      .filter(([domain]) => !failedDomains.includes(domain))
      .map(([domain, { rows, count, total }]): [string, number] => {
        return [domain, [count, total].find((n) => n !== null && n !== rows.length) ?? rows.length]
      })
    return { rows, counts, aggregation, failed: failedDomains }
  } catch {
    return 'refused'
  }
}

/** Whether `JSON.parse` forgets a list of rows because its key, or one around it, comes again. */
function hasRepeats(bytes: Uint8Array): boolean {
  const text = utf8.decode(bytes)
  const lists = (json: string) => json.split('"data"').length
  return lists(text) > lists(JSON.stringify(JSON.parse(text)))
}

async function* inPieces(bytes: Uint8Array, random: Random) {
  const longest = random.chance(0.05) ? 1 : random.pick([7, 50, 1000])
  for (let p = 0; p < bytes.length;) {
    const length = 1 + random.below(longest)
    yield bytes.slice(p, p + length)
    p += length
  }
}

async function decoded(bytes: Uint8Array, random: Random): Promise<Seen> {
  const rows: [string, unknown[]][] = []
  let counts: [string, number][] = []
  let aggregation: unknown = null
  let failed: string[] = []
  try {
    for await (const event of decodeTraceStream(inPieces(bytes, random), { format: 'answer' })) {
      if (event.type === 'domain_start') rows.push([event.domain, []])
      else if (event.type === 'records') {
        const [domain, list] = rows.at(-1)!
        expect(event.domain).toBe(domain)
        for (let i = 0; i < event.rows.length; i++) list.push(event.rows.at(i))
      } else if (event.type === 'aggregation') aggregation = event.data
      else if (event.type === 'warning') failed = event.failedDomains
      else if (event.type === 'complete') counts = [...event.domains!]
    }
  } catch (error) {
    if (!isTraceError(error) || !['UNEXPECTED_RESPONSE', 'STREAM_TRUNCATED'].includes(error.code)) throw error
    return 'refused'
  }
  return { rows, counts, aggregation, failed }
}

describe('decodeTraceStream of whole answers', () => {
  it(`reads ${answerCount} as JSON.parse does, and refuses what it refuses (FUZZ_SEED=${seed})`, async () => {
    const random = createRandom(seed)
    let refused = 0
    for (let n = 0; n < answerCount; n++) {
      const bytes = randomAnswer(random)
      const parsed = expected(bytes)
      const wanted = parsed !== 'refused' && hasRepeats(bytes) ? 'refused' : parsed
      const seen = await decoded(bytes, random)
      if (!isSame(seen, wanted)) {
        const text = new TextDecoder().decode(bytes)
        expect(seen, `FUZZ_SEED=${seed}, after ${n} answers:\n${text}`).toEqual(wanted)
        expect.fail(`FUZZ_SEED=${seed}, after ${n} answers: the values differ in their bits:\n${text}`)
      }
      if (wanted === 'refused') refused++
    }
    // Both kinds must have been tried.
    expect(refused / answerCount).toBeGreaterThan(0.1)
    expect(refused / answerCount).toBeLessThan(0.6)
  }, 600_000)
})
