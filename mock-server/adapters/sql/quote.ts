/** A table or column as SQL has it, `schema.table` as two names. */
export function quoteName(name: string): string {
  return name
    .split('.')
    .map((part) => `"${part.replaceAll('"', '""')}"`)
    .join('.')
}

/** A text as a literal, for comments and such; values of a query are its parameters. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
