import readNDJSONStream from 'ndjson-readablestream'
import { createCollector } from '../Way.js'

export async function run(url, progress) {
  const collector = createCollector(progress)
  for await (const line of readNDJSONStream((await fetch(url)).body)) collector.take(line)
  return collector.result()
}
