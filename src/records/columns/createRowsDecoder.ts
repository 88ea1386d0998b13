import { SURPRISE } from './ColumnBuilder.js'
import { createByteStore } from './createByteStore.js'
import { DomainPacker } from './DomainPacker.js'
import type { PackedBatch } from './PackedBatch.js'
import type { Row } from '../Row.js'

/** Where rows lie as text, with commas between them. */
export interface RowsText {
  domain: string
  /** As many as they are said to be. */
  count: number
  /** A whole buffer, with `PADDING` zeros behind the text. */
  bytes: Uint8Array<ArrayBuffer>
  /** Of the first row. */
  start: number
  /** Of the text that they are in, which may go on behind them. */
  end: number
  /** Whether the rows may end at a position. */
  isEnd: (p: number) => boolean
}

/** Turns rows of any number of domains into columns. */
export interface RowsDecoder {
  /**
   * Scans rows; `null` when they hold a surprise, so that `JSON.parse` must read them. Pauses once per 256 rows, so that
   * others can work.
   */
  scan: (text: RowsText) => Generator<null, PackedBatch | null>
  /** The same of parsed rows. */
  pack: (domain: string, rows: Row[]) => PackedBatch
}

const ROWS_BETWEEN_PAUSES = 256

/** Shortest text of a row that is scanned, with its comma (the last has none): `{"":0},`. */
const MIN_ROW_BYTES = 7

/** Domains whose columns are remembered: more than any server has. */
const MAX_DOMAINS = 64

export function createRowsDecoder(): RowsDecoder {
  const scratch = createByteStore()
  const packers = new Map<string, DomainPacker>()
  let dictionaries = 0
  let view = new DataView(new ArrayBuffer(0))

  function packerOf(domain: string): DomainPacker {
    let packer = packers.get(domain)
    if (!packer) {
      if (packers.size === MAX_DOMAINS) packers.clear()
      packers.set(domain, (packer = new DomainPacker(() => dictionaries++, scratch)))
    }
    return packer
  }

  return {
    *scan({ domain, count, bytes, start, end: textEnd, isEnd }) {
      if (!(count > 0 && count * MIN_ROW_BYTES <= textEnd - start + 1)) return null

      if (view.buffer !== bytes.buffer) view = new DataView(bytes.buffer)
      const packer = packerOf(domain)
      if (!packer.begin(bytes, view, start, count)) return null
      let end = packer.scan(ROWS_BETWEEN_PAUSES)
      while (end === null) {
        yield null
        end = packer.scan(ROWS_BETWEEN_PAUSES)
      }
      return end !== SURPRISE && isEnd(end) ? packer.finish() : null
    },
    pack: (domain, rows) => packerOf(domain).pack(rows),
  }
}
