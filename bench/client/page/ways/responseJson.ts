import { createCollector, type Line, type Way } from '../Way.js'

/** `response.json()` of the same lines in one JSON body. */
export const run: Way['run'] = async (url, progress) => {
  const response = await fetch(url.replace('.ndjson', '.json'))
  const collector = createCollector(progress)
  for (const line of (await response.json()) as (Line | 0)[]) if (line) collector.take(line)
  return collector.result()
}
