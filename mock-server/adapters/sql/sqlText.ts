import { quoteName } from './quote.js'
import type { SqlQuery } from './SqlDatabase.js'

/** A table's column in a query; NULL where a factory has none. */
export function columnOf(alias: string, column: string | null): string {
  return column === null ? 'NULL' : `${alias}.${quoteName(column)}`
}

/** A column to sort or compare by: text by its bytes, in the same order on every database and in every language. */
export function sortable(alias: string, column: string, type: string): string {
  return isTextType(type) ? `${columnOf(alias, column)} COLLATE "C"` : columnOf(alias, column)
}

export function isTextType(type: string): boolean {
  return /^(text|character varying|varchar|bpchar|name|citext)$/i.test(type)
}

/** Writes a query: values are never in its text. */
export function createQuery() {
  const params: SqlQuery['params'] = []
  return {
    /** Where a value stands in the text. */
    param(value: SqlQuery['params'][number], type: string): string {
      return `$${params.push(value)}::${type}`
    },
    write: (...lines: string[]): SqlQuery => ({
      text: lines.filter((line) => line !== '').join('\n'),
      params,
    }),
  }
}
