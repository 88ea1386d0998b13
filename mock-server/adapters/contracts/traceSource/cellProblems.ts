import type { ColumnKind } from '../../../../src/protocol/index.js'
import type { Row } from '../../../ports/index.js'
import type { Exam } from './Exam.js'

const TIME = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/
/** What a wrong encoding makes of Chinese. */
const BROKEN_TEXT = /\uFFFD|\p{Surrogate}/u
const DECIMAL = /^-?\d+(\.\d+)?$/
/** Rows have the same mistake over and over. */
const MOST_PROBLEMS = 10

/** What is wrong with the cells of rows, one sentence each. */
export function cellProblems({ description }: Exam, domain: string, rows: readonly Row[]): string[] {
  const columns = description.domains.find(({ name }) => name === domain)?.columns ?? []
  const kinds = new Map(columns.map(({ name, kind }) => [name, kind]))
  const problems = new Set<string>()
  for (const row of rows) {
    for (const [column, value] of Object.entries(row)) {
      const kind = kinds.get(column)
      if (!kind) problems.add(`${domain}.${column} is not described.`)
      else if (!fits(kind, value)) problems.add(`${domain}.${column} is ${show(value)}, which is no ${kind}.`)
    }
    if (problems.size >= MOST_PROBLEMS) break
  }
  return [...problems].slice(0, MOST_PROBLEMS)
}

function fits(kind: ColumnKind, value: unknown): boolean {
  if (value === null) return true
  if (kind === 'time') return typeof value === 'string' && TIME.test(value)
  if (kind === 'id' || kind === 'text') return typeof value === 'string' && !BROKEN_TEXT.test(value)
  if (typeof value === 'number') {
    return Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value))
  }
  // Numbers of more digits than JavaScript can hold are text.
  return typeof value === 'string' && DECIMAL.test(value) && String(Number(value)) !== value
}

function show(value: unknown): string {
  return typeof value === 'bigint' || value === undefined
    ? `${String(value)} (${typeof value})`
    : JSON.stringify(value)
}
