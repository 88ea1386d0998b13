import { readDecimal, readFloat, readWhole } from '../sql/readNumber.js'
import type { SqlValue } from '../sql/SqlDatabase.js'

/** Types by the numbers PostgreSQL has for them, in every database the same. */
const OID = {
  bool: 16,
  int8: 20,
  int2: 21,
  int4: 23,
  float4: 700,
  float8: 701,
  date: 1082,
  timestamp: 1114,
  timestamptz: 1184,
  numeric: 1700,
} as const

/** What reads values of a type, from the text that PostgreSQL sends for them: as a source's rows have them. */
export function readerOf(oid: number): (text: string) => SqlValue {
  switch (oid) {
    case OID.bool:
      return (text) => (text === 't' ? 'Y' : 'N')
    case OID.int2:
    case OID.int4:
      return Number
    case OID.float4:
    case OID.float8:
      return readFloat
    case OID.int8:
      return readWhole
    case OID.numeric:
      return readDecimal
    case OID.date:
      return (text) => `${text} 00:00:00`
    case OID.timestamp:
    case OID.timestamptz:
      return readTime
    default:
      return (text) => text
  }
}

/** To the second, without the zone: `2026-03-01 08:15:00.25+08` is `2026-03-01 08:15:00`. */
function readTime(text: string): SqlValue {
  return text.slice(0, 19)
}
