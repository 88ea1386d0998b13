import type { Measured } from './runInChromium.js'
import { MAX_STOLEN_SHARE } from './watchHost.js'

export interface Results {
  date: string
  machine: string
  rows: number
  bytes: number
  /** Of the answer that is one JSON object. */
  synchronous: { rows: number; bytes: number }
  rounds: number
  /** Runs done again, since the host took too much of the processors. */
  repeats: number
  runs: Record<string, Measured[]>
  failures: Record<string, string>
}

const TITLES: Record<string, string> = {
  recordList: '**RecordList, decoded in the worker**',
  throttled: '**the same with the CPU throttled 4 ×**',
  recordListOnPage: 'RecordList, decoded on the page in slices',
  original: "the original's algorithm",
  parseInWorker: 'floor: download and JSON.parse in a worker, thrown away',
  downloadOnly: 'floor: download only',
  trace: 'whole page: click, three stages, table scrolled all the while',
  traceOriginal: 'the same in front of the original service: the whole lineage, a job polled, then streamed',
  canNdjsonStream: 'can-ndjson-stream',
  streamedQuery: "TanStack Query's streamedQuery",
  streamParserJson: '@streamparser/json',
  ndjsonReadableStream: 'ndjson-readablestream',
  responseJson: 'response.json()',
}

/** What whole pages are in front of. */
const SUBJECTS: Record<string, string> = {
  trace: 'a job',
  traceOriginal: "the original's job",
  traceLines: 'a synchronous answer in lines',
  traceAnswer: 'a synchronous answer as one JSON object',
}

/** Judged by their tasks and frames alone: they may be done again, and so are compared with nothing. */
export const JUDGED_BY_TASKS: ReadonlySet<string> = new Set(['throttled', ...Object.keys(SUBJECTS)])

/** In front of a server that answers at once, with fewer rows. */
const SYNCHRONOUS_TITLES: Record<string, string> = {
  traceLines: `whole page, ${SUBJECTS.traceLines}`,
  traceAnswer: `whole page, ${SUBJECTS.traceAnswer}`,
}

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)]!
}

/** The median, and the least and the greatest where there are several. */
function spread(values: number[], digits = 0): string {
  const [least, greatest] = [Math.min(...values), Math.max(...values)]
  const middle = median(values).toFixed(digits)
  return values.length === 1 ? middle : `${middle} (${least.toFixed(digits)}–${greatest.toFixed(digits)})`
}

function stolen({ runs }: Results): number {
  return median(Object.values(runs).flatMap((of) => of.map(({ stolenShare }) => stolenShare)))
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`
}

function medianOf(results: Results, way: string, pick: (run: Measured) => number): number | null {
  const runs = results.runs[way]
  return runs ? median(runs.map(pick)) : null
}

/** How much longer one way took than another: what the machine did meanwhile met both runs of a round alike. */
function timeRatio({ runs }: Results, way: string, other: string): number | null {
  const others = runs[other] ?? []
  const ratios = (runs[way] ?? []).slice(0, others.length).map(({ doneMs }, i) => doneMs / others[i]!.doneMs)
  return ratios.length > 0 ? median(ratios) : null
}

/** A table, what was to be shown, and a plot. */
export function report(results: Results): { markdown: string; svg: string } {
  const markdown = [
    `${results.rows.toLocaleString('en')} rows, ${(results.bytes / 1e6).toFixed(0)} MB of NDJSON, ${results.date}, ` +
      `${results.machine}. Median (least–greatest) of ${results.rounds} interleaved rounds, ratios the median of the rounds' own; ways that differ greatly ran once. The host took ${percent(stolen(results))} of the processors in the median run; ${results.repeats} runs that are judged by their tasks alone were done again because it took more than ${percent(MAX_STOLEN_SHARE)}.`,
    '',
    ...table(results, TITLES),
    '',
    `Synchronous answers, ${results.synchronous.rows.toLocaleString('en')} rows, ${(results.synchronous.bytes / 1e6).toFixed(0)} MB:`,
    '',
    ...table(results, SYNCHRONOUS_TITLES),
    '',
    ...claims(results),
    '',
  ].join('\n')
  return { markdown, svg: plot(results) }
}

function table(results: Results, titles: Record<string, string>): string[] {
  const lines = Object.entries(titles).flatMap(([way, title]) => {
    const runs = results.runs[way]
    if (!runs) return results.failures[way] ? [`| ${title} | fails: ${results.failures[way]} |||||||`] : []
    const firstRows = runs.map(({ firstRowsMs, headersMs }) =>
      firstRowsMs === null ? null : firstRowsMs - headersMs,
    )
    const longest = Math.max(0, ...runs.flatMap(({ longTasks }) => longTasks))
    return [
      `| ${title} | ${spread(
        runs.map(({ doneMs }) => doneMs / 1000),
        2,
      )} ` +
        `| ${(!JUDGED_BY_TASKS.has(way) && timeRatio(results, way, 'original')?.toFixed(2)) || ''} ` +
        `| ${firstRows.some((ms) => ms === null) ? '–' : spread(firstRows as number[])} ` +
        `| ${spread(runs.map(({ longTasks }) => longTasks.length))}${longest ? `, longest ${longest}` : ''} ` +
        `| ${spread(
          runs.map(({ cpuSeconds }) => cpuSeconds),
          1,
        )} ` +
        `| ${spread(runs.map(({ heapMb }) => heapMb))} | ${spread(runs.map(({ peakMb }) => peakMb))} |`,
    ]
  })
  return [
    '| way | s | ratio | first rows, ms after the first byte | long tasks | CPU, s | page heap + buffers, MB | process peak, MB |',
    '|---|---|---|---|---|---|---|---|',
    ...lines,
  ]
}

function claims(results: Results): string[] {
  const said: string[] = []
  const say = (text: string, isShown: boolean) =>
    said.push(`- ${isShown ? 'shown' : '**not shown**'}: ${text}`)
  const baseline = timeRatio(results, 'original', 'parseInWorker')
  const toOriginal = timeRatio(results, 'recordList', 'original')
  const toFloor = timeRatio(results, 'recordList', 'parseInWorker')
  if (baseline)
    say(`the baseline is no straw man: ${baseline.toFixed(2)} × download + JSON.parse in a worker (1.5 to 2.2)`, baseline >= 1.5 && baseline <= 2.2) // prettier-ignore
  if (toOriginal) say(`time ${toOriginal.toFixed(2)} × the original's (at most 0.40)`, toOriginal <= 0.4)
  if (toFloor) say(`time ${toFloor.toFixed(2)} × the parsing floor (at most 0.65)`, toFloor <= 0.65)
  const runs = results.runs.recordList
  if (runs) {
    const firstMs = median(runs.map(({ firstRowsMs, headersMs }) => firstRowsMs! - headersMs))
    say(`first rows ${firstMs.toFixed(0)} ms after the first byte (at most 150)`, firstMs <= 150)
    const tasks = runs.flatMap(({ longTasks }) => longTasks)
    say(`${tasks.length} tasks over 50 ms in the stream (none)`, tasks.length === 0)
    const heap = medianOf(results, 'recordList', ({ heapMb }) => heapMb)!
    const theirs = medianOf(results, 'original', ({ heapMb }) => heapMb)
    if (theirs)
      say(
        `heap and buffers ${(heap / theirs).toFixed(2)} × the original's (at most 0.22)`,
        heap / theirs <= 0.22,
      )
    const peak = Math.max(...runs.map(({ peakMb }) => peakMb))
    say(`process peak ${peak.toFixed(0)} MB (at most 400)`, peak <= 400)
    const pageMs = median(runs.map(({ read }) => read!.pageMs))
    say(`50 rows at a random place in ${pageMs.toFixed(3)} ms (at most 0.2)`, pageMs <= 0.2)
    const sumMs = median(runs.map(({ read }) => read!.sumMs))
    say(`sum of one column by another, half of the rows, in ${sumMs.toFixed(1)} ms (at most 15)`, sumMs <= 15)
  }
  const throttled = results.runs.throttled
  if (throttled) {
    const tasks = throttled.flatMap(({ longTasks }) => longTasks)
    say(
      `${tasks.length} tasks over 50 ms with the CPU throttled 4 ×${listed(tasks)} (none)`,
      tasks.length === 0,
    )
  }
  for (const [way, of] of Object.entries(SUBJECTS)) {
    const runs = results.runs[way]
    if (!runs) continue
    const tasks = runs.flatMap(({ longTasks }) => longTasks)
    // Of the median round: single tasks and gaps are the host's as often as the page's.
    const perRun = median(runs.map(({ longTasks }) => longTasks.length))
    const gap = median(runs.map(({ longestFrameGap }) => longestFrameGap))
    const isQuick = perRun === 0 && Math.max(0, ...tasks) <= 100
    say(`${perRun} tasks over 50 ms from click to done, ${of}${listed(tasks)} (none in the median round, none over 100 ms)`, isQuick) // prettier-ignore
    say(`longest frame gap while scrolling, ${of}: ${gap} ms in the median round (at most 67)`, gap <= 67)
  }
  const sums = Object.entries(results.runs).flatMap(([way, [first]]) =>
    first?.checksum ? [[way, first.checksum]] : [],
  )
  const different = new Set(sums.map(([, sum]) => sum))
  if (sums.length > 1) say(`all ${sums.length} ways that keep rows read the same (checksum ${[...different].join(', ')})`, different.size === 1) // prettier-ignore
  return said
}

function listed(tasks: number[]): string {
  return tasks.length > 0 ? ` (${tasks.join(', ')} ms)` : ''
}

/** Time and memory as bars, least to greatest as whiskers. */
function plot(results: Results): string {
  const ways = Object.keys(TITLES).filter((way) => results.runs[way])
  const rowHeight = 26
  const height = 60 + ways.length * rowHeight
  const panels = [
    { title: 'seconds', x: 330, width: 240, pick: ({ doneMs }: Measured) => doneMs / 1000 },
    { title: 'page heap + buffers, MB', x: 640, width: 240, pick: ({ heapMb }: Measured) => heapMb },
  ]
  const bars = panels.flatMap(({ title, x, width, pick }) => {
    const greatest = Math.max(...ways.flatMap((way) => results.runs[way]!.map(pick)))
    const scale = (value: number) => (value / greatest) * width
    return [
      `<text x="${x}" y="24" class="t">${title}</text>`,
      ...ways.flatMap((way, i) => {
        const values = results.runs[way]!.map(pick)
        const y = 40 + i * rowHeight
        const middle = median(values)
        const digits = middle < 100 ? 1 : 0
        return [
          `<rect x="${x}" y="${y}" width="${scale(middle).toFixed(1)}" height="14" class="${way === 'recordList' || way === 'trace' ? 'o' : 'b'}"/>`,
          `<path d="M${(x + scale(Math.min(...values))).toFixed(1)} ${y + 7}H${(x + scale(Math.max(...values))).toFixed(1)}" class="w"/>`,
          `<text x="${(x + scale(Math.max(...values)) + 6).toFixed(1)}" y="${y + 11}" class="n">${middle.toFixed(digits)}</text>`,
        ]
      }),
    ]
  })
  const labels = ways.map(
    (way, i) =>
      `<text x="320" y="${51 + i * rowHeight}" text-anchor="end">${TITLES[way]!.replaceAll('*', '')
        .replace(/: click.*/, '')
        .replaceAll('&', '&amp;')}</text>`,
  )
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 940 ${height}" font-family="system-ui, sans-serif" font-size="11">`,
    '<style>text{fill:#444}.t{font-weight:600}.n{fill:#666}.b{fill:#b8c2cc}.o{fill:#2f7d5b}.w{stroke:#333;stroke-width:1}</style>',
    `<rect width="940" height="${height}" fill="#fff"/>`,
    ...labels,
    ...bars,
    '</svg>',
    '',
  ].join('\n')
}
