import type { Row } from '../../ports/index.js'
import type { IdIndex } from '../store/createIdIndex.js'
import { createIntList, type IntList } from './createIntList.js'
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

const DEFECT_DOMAINS = ['upstream_history', 'history', 'materials', 'downstream_rejects'] as const

/** Whether rows of a domain say anything about defects. */
export function saysOfDefects(domain: string): domain is (typeof DEFECT_DOMAINS)[number] {
  return (DEFECT_DOMAINS as readonly string[]).includes(domain)
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
 */
export function createPostings(domain: string, cidIndex: IdIndex, valueIndex: ValueIndex): Postings | null {
  const cids = createIntList()
  const values = createIntList()
  const amounts = new Map<number, number>()
  const rejected = new Map<number, number>()
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

  function takePass(cid: number, row: Row, amount: number): void {
    const station = row.WORKCENTER_GROUP ?? row.WORKCENTERNAME
    if (isName(station)) post(cid, valueIndex.of('station', station), amount)
    if (isName(row.EQUIPMENTNAME)) post(cid, valueIndex.of('machine', row.EQUIPMENTNAME), amount)
  }

  function takeMaterial(cid: number, { MATERIALPARTNAME: part, MATERIALLOTNAME: lot }: Row): void {
    if (isName(part)) post(cid, valueIndex.ofMaterial(part, isName(lot) ? lot : null), 0)
  }

  function takeReject(cid: number, row: Row): void {
    const amount = typeof row.REJECT_TOTAL_QTY === 'number' ? row.REJECT_TOTAL_QTY : 0
    rejected.set(cid, (rejected.get(cid) ?? 0) + amount)
    takePass(cid, row, amount)
    if (isName(row.LOSSREASONNAME)) post(cid, valueIndex.of('downstream_reason', row.LOSSREASONNAME), amount)
  }

  function takeAll(rows: readonly Row[], takeRow: (cid: number, row: Row, amount: number) => void): void {
    let id: unknown
    let cid: number | undefined
    for (const row of rows) {
      if (row.CONTAINERID !== id) {
        id = row.CONTAINERID
        cid = typeof id === 'string' ? cidIndex.add(id) : undefined
      }
      if (cid !== undefined) takeRow(cid, row, 0)
    }
  }

  const takeRow = {
    upstream_history: takePass,
    history: takePass,
    materials: takeMaterial,
    downstream_rejects: takeReject,
  }
  if (!saysOfDefects(domain)) return null
  const take = takeRow[domain]
  return { cids, values, amounts, rejected, take: (rows) => takeAll(rows, take) }
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}
