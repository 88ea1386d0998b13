import type { Random } from './createRandom.js'
import { damaged, randomRow, randomShape } from './randomLines.js'
import { ODD_CELLS } from './randomValue.js'

const encoder = new TextEncoder()

const DOMAINS = ['history', '測', 'data', 'results', '__proto__', '\\u0061', '']

/** Values in a place where something else belongs. */
const STRANGE = ['1', 'null', '"x"', '[]', '[1]', '[{"data":[{}]}]', '{}', '{"data":[{}]}', '"\\"data\\":["']

/** A whole events answer: what servers write, with surprises, and now and then damaged. */
export function randomAnswer(random: Random): Uint8Array {
  const answer = `${blanks(random)}${map(random, randomFields(random))}${blanks(random)}`
  const bytes = encoder.encode(random.chance(0.02) ? `\ufeff${answer}` : answer)
  return random.chance(0.15) ? damaged(random, bytes) : bytes
}

function randomFields(random: Random): [string, string][] {
  const fields: [string, string][] = [
    ['stage', '"events"'],
    ['results', strangeOr(random, () => map(random, randomResults(random)))],
    ['aggregation', strangeOr(random, () => random.pick(['null', '{"results":{"a":{"data":[{}]}}}']))],
  ]
  if (random.chance(0.2)) fields.splice(random.below(4), 0, ['failed_domains', '["a"]'])
  if (random.chance(0.2)) fields.push(['more', random.pick(ODD_CELLS)(random)])
  return random.chance(0.1) ? fields.reverse() : fields
}

function randomResults(random: Random): [string, string][] {
  const domains = DOMAINS.filter(() => random.chance(0.3))
  return domains.map((domain) => [domain, strangeOr(random, () => map(random, randomDomain(random)))])
}

function randomDomain(random: Random): [string, string][] {
  const shape = randomShape(random)
  const oddity = random.pick([0, 0, 0, 0.05])
  const rows = Array.from({ length: random.below(random.pick([1, 4, 60])) }, () => {
    return strangeOr(random, () => randomRow(random, shape, oddity), 0.002)
  })
  const gap = random.pick([',', ', ', ',\n'])
  const fields: [string, string][] = [
    ['data', strangeOr(random, () => `[${blanks(random)}${rows.join(gap)}${blanks(random)}]`)],
  ]
  if (random.chance(0.8)) fields.push(['count', strangeOr(random, () => String(rows.length))])
  if (random.chance(0.3)) fields.push(['total', strangeOr(random, () => String(rows.length))])
  return random.chance(0.2) ? fields.reverse() : fields
}

function map(random: Random, fields: [string, string][]): string {
  const colon = random.pick([':', ': '])
  return `{${fields.map(([key, value]) => `${blanks(random)}"${key}"${colon}${value}`).join(',')}${blanks(random)}}`
}

function strangeOr(random: Random, text: () => string, chance = 0.02): string {
  return random.chance(chance) ? random.pick(STRANGE) : text()
}

function blanks(random: Random): string {
  return random.chance(0.1) ? random.pick([' ', '\n', '\t', '\r\n  ']) : ''
}
