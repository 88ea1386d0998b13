/** Keeps one copy of each text: those that a source or `JSON.parse` brings are new each time, 40 bytes and more. */
export function createTextPool(): (text: string) => string {
  const known = new Map<string, string>()
  return (text) => {
    const first = known.get(text)
    if (first === undefined) known.set(text, text)
    return first ?? text
  }
}
