import type { Row } from '../../ports/index.js'
import type { IdIndex } from '../store/createIdIndex.js'
import { createIntList, type IntList } from './createIntList.js'
import type { RoleColumns } from './figureRoles.js'
import type { ValueIndex } from './createValueIndex.js'

/** Which CID has which value, and what was rejected where: integers, from the rows of one domain. */
export interface Postings {
  /** Parallel: each pair at least once. */
  cids: IntList
  values: IntList
  /** Pieces rejected, by position in the lists. */
  amounts: ReadonlyMap<number, number>
  /** Pieces rejected, by CID. */
  rejected: ReadonlyMap<number, number>
  take: (rows: readonly Row[]) => void
}

/** Postings that are stored, as they were. */
export function restorePostings(): Postings & {
  amounts: Map<number, number>
  rejected: Map<number, number>
} {
  const maps = { amounts: new Map<number, number>(), rejected: new Map<number, number>() }
  return { cids: createIntList(), values: createIntList(), ...maps, take: () => {} }
}

/**
 * Makes an empty collection, or `null` for a domain that says nothing about defects. Rows come grouped by CID, so that
 * a pair is kept once however many rows say it; in another order they only take more room.
 *
 * @param roles the domain's columns that say something
 */
export function createPostings(
  roles: RoleColumns | undefined,
  cidIndex: IdIndex,
  valueIndex: ValueIndex,
): Postings | null {
  if (!roles) return null
  const cids = createIntList()
  const values = createIntList()
  const amounts = new Map<number, number>()
  const rejected = new Map<number, number>()
  const countsRejects = roles.rejected_qty.length > 0
  /** Of each value, the CID it was last seen with, and the position of that pair. */
  const lastCid: number[] = []
  const lastAt: number[] = []

  function post(cid: number, value: number, amount: number): void {
    // A value is new when it is one past the end: the arrays stay packed.
    while (lastCid.length <= value) lastAt[lastCid.push(-1) - 1] = -1
    if (lastCid[value] !== cid) {
      lastCid[value] = cid
      lastAt[value] = cids.length
      cids.push(cid)
      values.push(value)
    }
    if (amount !== 0) amounts.set(lastAt[value]!, (amounts.get(lastAt[value]!) ?? 0) + amount)
  }

  function takeRow(cid: number, row: Row): void {
    const amount = countsRejects ? numberIn(row, roles!.rejected_qty) : 0
    if (countsRejects) rejected.set(cid, (rejected.get(cid) ?? 0) + amount)
    const station = nameIn(row, roles!.station)
    if (station !== null) post(cid, valueIndex.of('station', station), amount)
    const machine = nameIn(row, roles!.machine)
    if (machine !== null) post(cid, valueIndex.of('machine', machine), amount)
    const material = nameIn(row, roles!.material)
    if (material !== null) post(cid, valueIndex.ofMaterial(material, nameIn(row, roles!.material_lot)), 0)
    const reason = nameIn(row, roles!.reject_reason)
    if (reason !== null) post(cid, valueIndex.of('downstream_reason', reason), amount)
  }

  return {
    cids,
    values,
    amounts,
    rejected,
    take(rows) {
      let id: unknown
      let cid: number | undefined
      for (const row of rows) {
        if (row.CONTAINERID !== id) {
          id = row.CONTAINERID
          cid = typeof id === 'string' ? cidIndex.add(id) : undefined
        }
        if (cid !== undefined) takeRow(cid, row)
      }
    },
  }
}

/** The first of the columns that has a text. */
function nameIn(row: Row, columns: readonly string[]): string | null {
  for (const column of columns) {
    const value = row[column]
    if (typeof value === 'string' && value !== '') return value
  }
  return null
}

function numberIn(row: Row, columns: readonly string[]): number {
  for (const column of columns) {
    const value = row[column]
    if (typeof value === 'number') return value
  }
  return 0
}
