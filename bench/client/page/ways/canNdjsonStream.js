import ndjsonStream from 'can-ndjson-stream'
import { createCollector } from '../Way.js'

export async function run(url, progress) {
  const reader = ndjsonStream((await fetch(url)).body).getReader()
  const collector = createCollector(progress)
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return collector.result()
    collector.take(value)
  }
}
