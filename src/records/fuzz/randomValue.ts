import type { Random } from './createRandom.js'

/** Makes the JSON text of one cell. */
export type CellText = (random: Random) => string

const SHORT = ['', 'a', 'b', '測試', 'LOT', '成品站', 'é', '\ufeffx', 'W1', 'W11', 'W1 ']
const UNITS = ['a', 'Z', '0', ' ', '/', 'é', '測', '𝄞', '\u007f', '\u2028', '\ufeff', 'x'.repeat(40)]
const ESCAPES = [
  '\\n',
  '\\"',
  '\\\\',
  '\\/',
  '\\u0041',
  '\\u6e2C',
  '\\ud834\\udd1e',
  '\\ud800',
  '\\udc00x',
  '\\u0000',
]

const ODD_NUMBERS = [
  '0', '-0', '-0.0', '0e5', '1.0', '1e5', '1E+2', '-2e-3', '5e-324', '1e400', '-1e400', '1e-400', '0.1', '0.30',
  '255', '256', '65535', '65536', '2147483647', '2147483648', '-2147483648', '-2147483649', '4294967295',
  '4294967296', '-1', '-128', '-129', '-32768', '-32769', '999999999999999', '9007199254740991', '9007199254740992', '-9007199254740993', '9007199254740993.0',
  '123456789012345678', '-1234567890123456789012', '0.1234567890123456789', '3.4028235e38', '0.5', '-0.25', '16777217', '1.7976931348623157e308',
] // prettier-ignore

function text(random: Random, odd: number): string {
  let content = ''
  for (let n = random.below(6); n > 0; n--)
    content += random.chance(odd) ? random.pick(ESCAPES) : random.pick(UNITS)
  return `"${content}"`
}

function integer(random: Random): string {
  return String(random.below(random.pick([2, 10, 300, 70_000, 2 ** 31, 2 ** 53])))
}

/** An id of a system that counts in nanoseconds, or in machines. */
function longId(random: Random): string {
  return `1${random.below(9)}${String(random.below(2 ** 53)).padStart(16, '0')}${random.below(100)}`
}

function decimal(random: Random): string {
  let text = `${random.chance(0.2) ? '-' : ''}${random.below(1000)}.`
  for (let n = random.pick([1, 3, 6, 9, 14, 18]); n > 0; n--) text += random.below(10)
  return text
}

function timestamp(random: Random): string {
  const two = (n: number) => String(random.below(n)).padStart(2, '0')
  return `"2026-${two(12)}-${two(28)} ${two(24)}:${two(60)}:${two(60)}"`
}

function nested(random: Random): string {
  return random.pick([
    '{}',
    '[]',
    '[1,"a"]',
    '{"a":{"b":[null]}}',
    '{"__proto__":1}',
    '[[[-0]]]',
    '{"a":1,"a":2}',
  ])
}

const shortText: CellText = (random) => JSON.stringify(random.pick(SHORT))
const literal: CellText = (random) => random.pick(['true', 'false'])
const NULL: CellText = () => 'null'

/** Cells of one plain type, as columns of real sources have them. */
export const PLAIN_CELLS: readonly CellText[] = [
  shortText,
  (random) => text(random, 0),
  integer,
  longId,
  decimal,
  timestamp,
  literal,
  NULL,
  (random) => random.pick(ODD_NUMBERS),
]

/** What the column types of `PLAIN_CELLS` do not prepare for. */
export const ODD_CELLS: readonly CellText[] = [
  ...PLAIN_CELLS,
  (random) => text(random, 0.4),
  nested,
  NULL,
  (random) =>
    random.pick([
      '01',
      '1.',
      '.5',
      '+1',
      '-',
      '1e',
      'NaN',
      'tru',
      '"\t"',
      '"\\x"',
      '"\\u12"',
      "'a'",
      '--1',
      '',
    ]),
]
