/**
 * The full-size question (MSD, 2026-01-01 to 2026-05-31, station 測試) from the synthetic source straight into the
 * defect aggregation, without server or store: `npx tsx --expose-gc bench/synthetic.ts [start end [station]]`.
 *
 * Prints counts and seconds. Bytes are UTF-8 NDJSON bytes; the gzip ratio is level 6 over single lines of 5,000 rows, a
 * sixth of them; generating, JSON and gzip are timed apart. State is what the heap grew by while the aggregation held
 * everything, after a collection.
 */
import { gzipSync } from 'node:zlib'
import { createSyntheticSource } from '../mock-server/adapters/synthetic/createSyntheticSource.js'
import type { Row, SeedPage } from '../mock-server/ports/index.js'
import { createDefectAggregation } from '../mock-server/services/defects/createDefectAggregation.js'
import { figureRoles } from '../mock-server/services/defects/figureRoles.js'
import { parseDefectParams } from '../mock-server/services/defects/parseDefectParams.js'
import { FACTORY, factoryProfile } from '../mock-server/testing/factoryDescription.js'
import { defaultDomains } from '../src/protocol/index.js'

const [start = '2026-01-01', end = '2026-05-31', station = '測試'] = process.argv.slice(2)
const ID_BATCH = 1000
const LINE_ROWS = 5000
const { signal } = new AbortController()
const source = createSyntheticSource()
const params = parseDefectParams(factoryProfile('mid_section_defect'), {
  start_date: start,
  end_date: end,
  station,
})

let mark = performance.now()
function lap(): number {
  const now = performance.now()
  const seconds = (now - mark) / 1000
  mark = now
  return seconds
}
const spent = (seconds: number) => `${seconds.toFixed(2)} s`
const megabytes = (bytes: number) => Math.round(bytes / 2 ** 20)
function heap(): number {
  globalThis.gc?.()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}
function batches<T>(list: readonly T[]): T[][] {
  const result: T[][] = []
  for (let at = 0; at < list.length; at += ID_BATCH) result.push(list.slice(at, at + ID_BATCH))
  return result
}
const seedIds: string[] = []
for (let after: string | null = null; ;) {
  const query = { profile: 'mid_section_defect', by: 'date_range', start, end, station } as const
  const page: SeedPage = await source.resolveSeeds(query, { after, signal })
  for (const seed of page.seeds) seedIds.push(seed.container_id)
  if (page.next === null) break
  after = page.next
}
console.log('seeds', seedIds.length, spent(lap()))

const lineages: string[] = []
const roots: Record<string, string>[] = []
const cids = new Set(seedIds)
let pairs = 0
for (const ids of batches(seedIds)) {
  const answer = await source.lineage(ids, 'backward', { details: false, signal })
  if (answer.direction !== 'backward') throw new Error('The source went the wrong way.')
  for (const ancestors of answer.ancestors.values()) {
    pairs += ancestors.length
    for (const id of ancestors) cids.add(id)
  }
  lineages.push(JSON.stringify(Object.fromEntries(answer.ancestors)))
  roots.push(Object.fromEntries(answer.seedRoots))
}
console.log(
  'cids',
  cids.size,
  'pairs',
  pairs,
  'lineage MB',
  megabytes(lineages.join('').length),
  spent(lap()),
)

const idBatches = batches([...cids])
async function* lineageBatches() {
  for (const text of lineages) yield JSON.parse(text) as Record<string, string[]>
}
const heapBefore = heap()
lap()
const aggregation = createDefectAggregation('backward', figureRoles(FACTORY))
for (const ids of batches(seedIds)) {
  for await (const found of source.detections({ profile: 'mid_section_defect', ...params }, ids, { signal }))
    aggregation.addDetections(found)
}
for await (const part of lineageBatches()) aggregation.addLineage(Object.entries(part))
for (const part of roots) aggregation.addRoots(Object.entries(part))
console.log('aggregation opened', spent(lap()), 'state MB', megabytes(heap() - heapBefore))

const seconds = { rows: 0, json: 0, observe: 0 }
let totalRows = 0
let plain = 0
let sampled = 0
let zipped = 0
for (const domain of defaultDomains('mid_section_defect')) {
  let line: Row[] = []
  let lines = 0
  let rows = 0
  let bytes = 0
  for (const ids of idBatches) {
    lap()
    for await (const batch of source.events(domain, ids, { signal })) {
      seconds.rows += lap()
      bytes += Buffer.byteLength(JSON.stringify(batch))
      seconds.json += lap()
      aggregation.observe(domain, batch)
      seconds.observe += lap()
      rows += batch.length
      line.push(...batch)
      if (line.length >= LINE_ROWS && lines++ % 6 === 0) {
        const text = Buffer.from(JSON.stringify(line.slice(0, LINE_ROWS)))
        sampled += text.length
        zipped += gzipSync(text, { level: 6 }).length
      }
      if (line.length >= LINE_ROWS) line = line.slice(LINE_ROWS)
      lap()
    }
  }
  totalRows += rows
  plain += bytes
  console.log(domain, 'rows', rows, 'MB', megabytes(bytes))
}
for (const [what, spent] of Object.entries(seconds))
  console.log('all', what, `${Math.round(spent * 100) / 100} s`)
console.log('rows', totalRows, 'MB', megabytes(plain), 'gzip 6', Math.round((sampled / zipped) * 100) / 100)
console.log('aggregation state MB', megabytes(heap() - heapBefore))
lap()
const answer = aggregation.finish(params.lossReasons) as {
  kpi: object
  charts: Record<string, object[]>
  attribution: object[]
}
console.log('finish', spent(lap()), 'answer KB', Math.round(JSON.stringify(answer).length / 1024))
console.log('kpi', answer.kpi)
for (const [chart, rows] of Object.entries(answer.charts)) console.log(chart, rows.length, rows.slice(0, 3))
console.log('suspects', answer.attribution)
console.log('RSS MB', megabytes(process.memoryUsage().rss))
