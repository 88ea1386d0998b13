const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g

/**
 * What the decoder must make of JSON, by other means than its own: `JSON.parse`, once whole numbers beyond 2^53 - 1 and
 * numbers that would be Infinity stand in quotes.
 */
export function parsedExactly(text: string): unknown {
  // Judged as it is: quotes could heal it.
  JSON.parse(text)
  return JSON.parse(text.replace(TOKEN, (token) => (isKeptAsText(token) ? `"${token}"` : token)))
}

function isKeptAsText(token: string): boolean {
  if (token.startsWith('"')) return false
  const isWhole = !/[.eE]/.test(token)
  return isWhole
    ? BigInt(token) > 2n ** 53n - 1n || BigInt(token) < 1n - 2n ** 53n
    : !Number.isFinite(Number(token))
}
