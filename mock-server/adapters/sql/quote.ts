/** A column or other single name as SQL has it. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** A table as SQL has it; `schema.table` is two names. */
export function quoteTable(table: string): string {
  return table.split('.').map(quoteName).join('.')
}

/** A text as a literal, for comments and such; values of a query are its parameters. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
