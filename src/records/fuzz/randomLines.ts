import type { Random } from './createRandom.js'
import { ODD_CELLS, PLAIN_CELLS, type CellText } from './randomValue.js'

const encoder = new TextEncoder()

const KEYS = [
  'CONTAINERID',
  'QTY',
  '站',
  'N',
  '1',
  '',
  '__proto__',
  'constructor',
  'toString',
  'TRACKINTIMESTAMP',
  'a b',
  '\\u0041',
  '\\"',
]
const STYLES = [[',', ':'], [', ', ': '], [' ,\t', ' : ']] as const // prettier-ignore
const BYTES = [...encoder.encode('{}[]",:\\0123456789.-+eEtfnu \t\r'), 0, 0x1f, 0x7f, 0x80, 0xbf, 0xc0, 0xc3, 0xe2, 0xed, 0xef, 0xf0, 0xf4, 0xff] // prettier-ignore

interface Column {
  key: string
  cell: CellText
  nulls: number
}

/** The columns of one domain, and how its server writes. */
export interface Shape {
  columns: Column[]
  style: (typeof STYLES)[number]
}

export function randomShape(random: Random): Shape {
  const columns: Column[] = []
  for (let n = random.below(7); n >= 0; n--) {
    const key = random.chance(0.9) ? random.pick(KEYS) : `C${random.below(50)}`
    if (columns.some((column) => column.key === key)) continue
    columns.push({
      key,
      cell: random.pick(random.chance(0.9) ? PLAIN_CELLS : ODD_CELLS),
      nulls: random.pick([0, 0, 0.1]),
    })
  }
  return { columns, style: random.pick(STYLES) }
}

export function randomRow(random: Random, { columns, style: [comma, colon] }: Shape, oddity: number): string {
  let cells = columns.map(
    ({ key, cell, nulls }) =>
      `"${key}"${colon}${random.chance(oddity) ? random.pick(ODD_CELLS)(random) : random.chance(nulls) ? 'null' : cell(random)}`,
  )
  if (random.chance(oddity)) cells.splice(random.below(cells.length + 1), 1)
  if (random.chance(oddity)) cells.push(`"${random.pick(KEYS)}"${colon}${random.pick(ODD_CELLS)(random)}`)
  if (random.chance(oddity)) cells = cells.reverse()
  return `{${cells.join(comma)}${random.chance(oddity) ? ' ' : ''}}`
}

function randomEnvelope(
  random: Random,
  domain: string,
  rows: string[],
  { style: [comma, colon] }: Shape,
): string {
  const odd = random.chance(0.08)
  const fields: [string, string][] = [
    ['type', '"records"'],
    ['domain', JSON.stringify(domain)],
    ['batch', '0'],
    ['count', String(rows.length)],
    ['data', `[${rows.join(comma)}]`],
  ]
  if (random.chance(0.5)) fields.splice(1, 0, ['seq', '3'])
  if (odd) {
    const i = random.below(fields.length)
    const [key, value] = fields[i]!
    random.pick<() => void>([
      () => fields.splice(i, 1),
      () => fields.reverse(),
      () => fields.push([key, value]),
      () =>
        fields.unshift([
          key,
          random.pick(['1', '"x"', 'null', '[]', '[1]', '{"data":[{}]}', '"\\"data\\":["']),
        ]),
      () => fields.push(['more', random.pick(ODD_CELLS)(random)]),
      () =>
        fields.splice(i, 1, [
          key,
          random.pick(['-1', '1.5', '4000000000', '"x"', 'null', '{}', '[1]', '[null]', '[{}]', '[[]]']),
        ]),
      () => fields.splice(i, 1, [`\\u00${key.charCodeAt(0).toString(16)}${key.slice(1)}`, value]),
    ])()
  }
  const line = `{${fields.map(([key, value]) => `"${key}"${colon}${value}`).join(comma)}}`
  return odd && random.chance(0.3) ? `${line}${random.pick([' ', '\r', 'x', '}', ' {}', ']'])}` : line
}

/** `line` with a few bytes changed, and without a LF. */
export function damaged(random: Random, line: Uint8Array): Uint8Array {
  const bytes = [...line]
  for (let n = 1 + random.below(2); n > 0; n--) {
    const high = bytes.findIndex((byte, i) => byte > 0x7f && random.chance(0.3) && i > 0)
    const at = high !== -1 && random.chance(0.3) ? high : random.below(bytes.length + 1)
    random.pick<() => void>([
      () => bytes.splice(at, 1),
      () => bytes.splice(at, 1, random.pick(BYTES)),
      () => bytes.splice(at, 0, random.pick(BYTES)),
      () => bytes.splice(at, random.below(8)),
      () => bytes.splice(at, 0, ...bytes.slice(at, at + random.below(12))),
      () => bytes.splice(at),
    ])()
  }
  return Uint8Array.from(bytes.filter((byte) => byte !== 10))
}

/** `records` lines of one stream, without their LF: alike as real ones are, with surprises between. */
export function randomLines(random: Random, count: number): Uint8Array[] {
  const shapes = new Map(['a', 'b', '測'].map((domain) => [domain, randomShape(random)]))
  const lines: Uint8Array[] = []
  while (lines.length < count) {
    const domain = random.pick([...shapes.keys()])
    if (random.chance(0.03)) shapes.set(domain, randomShape(random))
    const shape = shapes.get(domain)!
    const oddity = random.pick([0, 0, 0, 0.02, 0.2])
    const rows = Array.from({ length: random.chance(0.03) ? 60 + random.below(90) : random.below(6) }, () =>
      randomRow(random, shape, oddity),
    )
    const line = encoder.encode(randomEnvelope(random, domain, rows, shape))
    lines.push(random.chance(0.08) ? damaged(random, line) : line)
  }
  return lines
}
