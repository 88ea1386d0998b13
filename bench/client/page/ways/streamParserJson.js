import { JSONParser } from '@streamparser/json'
import { createCollector } from '../Way.js'

export async function run(url, progress) {
  const collector = createCollector(progress)
  const parser = new JSONParser({ separator: '\n', paths: ['$'] })
  parser.onValue = ({ value }) => collector.take(value)
  const reader = (await fetch(url)).body.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return collector.result()
    parser.write(value)
  }
}
