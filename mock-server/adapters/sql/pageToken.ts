/** Where a page ends: texts, as one that travels. */
export function writeToken(parts: readonly string[]): string {
  return JSON.stringify(parts)
}

/**
 * @param length how many parts it must have
 * @throws {RangeError} for a token that no page gave
 */
export function readToken(token: string, length: number): string[] {
  try {
    const parts: unknown = JSON.parse(token)
    if (Array.isArray(parts) && parts.length === length && parts.every((part) => typeof part === 'string')) {
      return parts
    }
  } catch {
    // Said below.
  }
  throw new RangeError(`No page ends at ${token}.`)
}
