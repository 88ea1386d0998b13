/** A parsed stream line. */
export type Line = { type: string; [field: string]: unknown }

/** The lines of NDJSON text; every one must end with LF. */
export function parseLines(text: string): Line[] {
  if (text !== '' && !text.endsWith('\n')) throw new Error(`the last line was cut: …${text.slice(-80)}`)
  return text
    .split('\n')
    .slice(0, -1)
    .map((each) => JSON.parse(each) as Line)
}

/** All lines of an answer, once it has ended. */
export async function readLines(response: Response): Promise<Line[]> {
  return parseLines(await response.text())
}

/** The rows of one domain, in order. */
export function rowsOf(lines: readonly Line[], domain: string): unknown[] {
  return lines.flatMap((line) =>
    line.type === 'records' && line.domain === domain ? (line.data as unknown[]) : [],
  )
}

/** Lines one at a time, as they come. */
export function lineReader(response: Response) {
  const reader = response.body!.getReader()
  const decoder = new TextDecoder()
  let text = ''
  const ready: Line[] = []

  return {
    /** The next line, or `null` at the end. */
    async next(): Promise<Line | null> {
      while (ready.length === 0) {
        const { done, value } = await reader.read()
        if (done) {
          if (text !== '') throw new Error(`the last line was cut: ${text}`)
          return null
        }
        text += decoder.decode(value, { stream: true })
        const end = text.lastIndexOf('\n') + 1
        ready.push(...parseLines(text.slice(0, end)))
        text = text.slice(end)
      }
      return ready.shift()!
    },
    /** Reads up to and with the first line of `type`. */
    async until(type: string): Promise<Line[]> {
      const seen: Line[] = []
      for (;;) {
        const line = await this.next()
        if (line === null) throw new Error(`no ${type} line came; last: ${JSON.stringify(seen.at(-1))}`)
        seen.push(line)
        if (line.type === type) return seen
      }
    },
    cancel: () => reader.cancel(),
  }
}
