import { isSameBytes } from './bytes.js'
import { appendBytes, createByteStore } from './createByteStore.js'

/** Slots looked at for one text. Tables of two million ids, names and times, half full, needed 55 at most. */
const MAX_PROBES = 128

/** The texts of one column's dictionary as bytes, found by hash (open addressing, at most half full). */
export class TextTable {
  readonly #store = createByteStore()
  #slots = new Int32Array(256).fill(-1)
  #hashes = new Int32Array(128)
  /** Where each text begins; the entry behind the last is the end of all. */
  #starts = new Uint32Array(129)
  #count = 0
  #isClogged = false

  get count() {
    return this.#count
  }

  /**
   * Whether some text lay too far from its slot, and was added twice. Without this limit, each of many texts with one hash
   * would be compared with all before it.
   */
  get isClogged() {
    return this.#isClogged
  }

  /** The bytes of texts `from` up to the last, and where each ends in them. */
  since(from: number): { bytes: Uint8Array<ArrayBuffer>; ends: Uint32Array<ArrayBuffer> } {
    const first = this.#starts[from]!
    const ends = this.#starts.slice(from + 1, this.#count + 1)
    for (let i = 0; i < ends.length; i++) ends[i]! -= first
    return { bytes: this.#store.bytes.subarray(first, this.#store.length), ends }
  }

  bytesOf(index: number): Uint8Array {
    return this.#store.bytes.subarray(this.#starts[index]!, this.#starts[index + 1]!)
  }

  /** The text's index, or -1. */
  find(view: DataView, start: number, length: number, hash: number): number {
    const mask = this.#slots.length - 1
    let slot = hash & mask
    for (let probes = 0; probes < MAX_PROBES; probes++, slot = (slot + 1) & mask) {
      const index = this.#slots[slot]!
      if (index === -1) return -1
      if (this.#hashes[index] === hash && this.isAt(index, view, start, length)) return index
    }
    this.#isClogged = true
    return -1
  }

  /** Whether text `index` is the one given. */
  isAt(index: number, view: DataView, start: number, length: number): boolean {
    const from = this.#starts[index]!
    return (
      this.#starts[index + 1]! - from === length && isSameBytes(this.#store.view, from, view, start, length)
    )
  }

  /** Adds a text that `find` did not find. */
  add(view: DataView, start: number, length: number, hash: number): number {
    const index = this.#count
    if (index === this.#hashes.length) this.#grow()
    appendBytes(this.#store, view, start, length)
    this.#hashes[index] = hash
    this.#starts[index + 1] = this.#store.length
    this.#count = index + 1
    this.#occupy(index)
    return index
  }

  #occupy(index: number) {
    const mask = this.#slots.length - 1
    let slot = this.#hashes[index]! & mask
    for (let probes = 0; probes < MAX_PROBES; probes++, slot = (slot + 1) & mask) {
      if (this.#slots[slot] !== -1) continue
      this.#slots[slot] = index
      return
    }
  }

  #grow() {
    const capacity = 2 * this.#hashes.length
    const hashes = new Int32Array(capacity)
    hashes.set(this.#hashes)
    const starts = new Uint32Array(capacity + 1)
    starts.set(this.#starts)
    this.#hashes = hashes
    this.#starts = starts
    this.#slots = new Int32Array(2 * capacity).fill(-1)
    for (let index = 0; index < this.#count; index++) this.#occupy(index)
  }
}
