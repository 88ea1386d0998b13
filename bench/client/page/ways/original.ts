import { arrayRows, type Line, type Way } from '../Way.js'

/**
 * The original page's algorithm, written anew: decode, split, JSON.parse, push, and everything assigned at
 * the end. Its progress text moves, its rows are nowhere until then.
 */
export const run: Way['run'] = async (url, progress) => {
  const response = await fetch(url)
  const reader = response.body!.getReader()
  const decoder = new TextDecoder()
  const results: Record<string, { data: Record<string, unknown>[] }> = {}
  let buffer = ''
  let rows = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    buffer += decoder.decode(value, { stream: true })
    const lines = buffer.split('\n')
    buffer = lines.pop()!
    for (const line of lines) {
      if (!line.trim()) continue
      const message = JSON.parse(line) as Line
      if (message.type === 'domain_start') results[message.domain] = { data: [] }
      if (message.type !== 'records') continue
      results[message.domain]!.data.push(...message.data)
      rows += message.data.length
      document.title = `streaming: ${rows} records`
    }
  }
  progress(rows)
  return Object.fromEntries(Object.entries(results).map(([domain, { data }]) => [domain, arrayRows(data)]))
}
