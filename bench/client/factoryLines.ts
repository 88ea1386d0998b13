/** The stream every contender reads: two domains of a large trace, 114,000 containers with 10 rows in each. */
export const FACTORY = { containers: 114_000, rowsPerContainer: 10, batchRows: 5_000 }

const STATIONS = ['焊接_DB', '焊接_WB', '焊接_DW', '成型', '去膠', '水吹砂', '電鍍', '移印', '切彎腳', '元件切割', '測試', '品檢', '包裝'] // prettier-ignore
const TYPES = ['SMA', 'SMB', 'SMC', 'DO-41', 'DO-15', 'TO-220', 'SOD-123FL']
const PARTS = Array.from({ length: 60 }, (_, i) => `${i % 3 ? '環氧樹脂' : '銅線'}-${String(1000 + i * 37)}`)

/** A deterministic choice from 0, less than `n`. */
function choose(seed: number, salt: number, n: number): number {
  let h = Math.imul(seed ^ Math.imul(salt, 0x9e3779b1), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return ((h ^ (h >>> 16)) >>> 0) % n
}

function timestamp(minutes: number, seconds: number): string {
  const date = new Date(Date.UTC(2026, 0, 1) + minutes * 60_000 + seconds * 1000)
  return date.toISOString().slice(0, 19).replace('T', ' ')
}

function containerId(c: number): string {
  return `48810380${(0x29000000 + c * 977).toString(16)}`
}

function containerName(c: number): string {
  return `GA26${String((c / 1000) | 0).padStart(4, '0')}-A${String(((c / 20) % 50) | 0).padStart(2, '0')}-${String(c % 20).padStart(3, '0')}`
}

function historyRow(c: number, r: number) {
  const station = (r + (c % 3)) % STATIONS.length
  const equipment = choose(c * 16 + r, 1, 24)
  const start = choose(c, 2, 200_000) + r * 700
  const quantity = 20_000 + choose(c, 3, 400) * 25 - r * choose(c, 4, 40)
  return {
    CONTAINERID: containerId(c),
    WORKCENTERNAME: STATIONS[station],
    EQUIPMENTID: `4880a380000${(station * 24 + equipment).toString(16).padStart(5, '0')}`,
    EQUIPMENTNAME: `${STATIONS[station]!.slice(0, 2)}-${String(equipment).padStart(4, '0')}`,
    SPECNAME: `${STATIONS[station]}_站點${r % 2 ? '二' : '一'}`,
    TRACKINTIMESTAMP: timestamp(start, choose(c * 16 + r, 5, 60)),
    TRACKOUTTIMESTAMP: timestamp(start + 30 + choose(c * 16 + r, 6, 600), choose(c * 16 + r, 7, 60)),
    TRACKINQTY: quantity,
    TRACKOUTQTY: quantity - choose(c * 16 + r, 8, 30),
    FINISHEDRUNCARD: r === 9 ? `RC26${String(c % 3000).padStart(5, '0')}` : null,
    PJ_WORKORDER: `GA26${String((c / 200) | 0).padStart(6, '0')}`,
    CONTAINERNAME: containerName(c),
    PJ_TYPE: TYPES[((c / 200) | 0) % TYPES.length],
    PJ_BOP: `BOP-${((c / 400) | 0) % 40}`,
    WAFER_LOT_ID: `W${String((c / 80) | 0).padStart(6, '0')}.${c % 4}`,
  }
}

function materialRow(c: number, r: number) {
  const station = (r + (c % 3)) % STATIONS.length
  return {
    CONTAINERID: containerId(c),
    CONTAINERNAME: containerName(c),
    MATERIALPARTNAME: PARTS[choose(c, 10 + r, PARTS.length)],
    MATERIALLOTNAME: `ML26${String(choose((c / 15) | 0, 30 + r, 9000)).padStart(5, '0')}-${r}`,
    QTYCONSUMED: choose(c * 16 + r, 11, 500_000) / 1000,
    WORKCENTERNAME: STATIONS[station],
    SPECNAME: `${STATIONS[station]}_站點${r % 2 ? '二' : '一'}`,
    EQUIPMENTNAME: `${STATIONS[station]!.slice(0, 2)}-${String(choose(c * 16 + r, 1, 24)).padStart(4, '0')}`,
    TXNDATE: timestamp(choose(c, 2, 200_000) + r * 700, choose(c * 16 + r, 12, 60)),
  }
}

const DOMAINS = { history: historyRow, materials: materialRow }

/** What a synchronous answer is measured with: as many containers as a server answers at once. */
export const SYNCHRONOUS = { ...FACTORY, containers: 20_000 }

/** The stream's lines, each with its LF. */
export function* factoryLines({ containers, rowsPerContainer, batchRows } = FACTORY): Generator<string> {
  const total = containers * rowsPerContainer
  let seq = 1
  const line = (value: object) => `${JSON.stringify(value)}\n`
  yield line({ type: 'meta', seq: seq++, job_id: 'bench', epoch: 'e', domains: Object.keys(DOMAINS) })
  for (const [domain, row] of Object.entries(DOMAINS)) {
    yield line({ type: 'domain_start', seq: seq++, domain, total })
    for (let from = 0, batch = 0; from < total; from += batchRows, batch++) {
      const count = Math.min(batchRows, total - from)
      const data = rowsOf(row, from, count, rowsPerContainer)
      yield line({ type: 'records', seq: seq++, domain, batch, count, data })
    }
    yield line({ type: 'domain_end', seq: seq++, domain, count: total })
  }
  yield line({ type: 'complete', total_records: 2 * total })
}

/** The same rows as one JSON object, as the original service answers, in pieces. */
export function* factoryAnswer({ containers, rowsPerContainer, batchRows } = SYNCHRONOUS): Generator<string> {
  const total = containers * rowsPerContainer
  yield '{"stage":"events","results":{'
  for (const [i, [domain, row]] of Object.entries(DOMAINS).entries()) {
    yield `${i > 0 ? ',' : ''}"${domain}":{"data":[`
    for (let from = 0; from < total; from += batchRows) {
      const data = rowsOf(row, from, Math.min(batchRows, total - from), rowsPerContainer)
      yield `${from > 0 ? ',' : ''}${JSON.stringify(data).slice(1, -1)}`
    }
    yield `],"count":${total}}`
  }
  yield '},"aggregation":null}'
}

function rowsOf(
  row: (c: number, r: number) => object,
  from: number,
  count: number,
  rowsPerContainer: number,
): object[] {
  return Array.from({ length: count }, (_, i) =>
    row(Math.floor((from + i) / rowsPerContainer), (from + i) % rowsPerContainer),
  )
}
