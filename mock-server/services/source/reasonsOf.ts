/** What a source threw, with what lies behind it: for the log, since a page is told the first sentence alone. */
export function reasonsOf(thrown: unknown): string {
  const cause = thrown instanceof Error ? thrown.cause : undefined
  return cause === undefined ? String(thrown) : `${String(thrown)} (${reasonsOf(cause)})`
}
