/** Bytes that grow, always with room behind their end for reading and writing whole words. */
export interface ByteStore {
  bytes: Uint8Array<ArrayBuffer>
  view: DataView<ArrayBuffer>
  length: number
}

/** Room behind the end, in bytes. */
const MARGIN = 8

export function createByteStore(): ByteStore {
  const bytes = new Uint8Array(1024)
  return { bytes, view: new DataView(bytes.buffer), length: 0 }
}

/** Makes room for `more` bytes behind the length. */
export function reserve(store: ByteStore, more: number) {
  const needed = store.length + more + MARGIN
  if (needed <= store.bytes.length) return
  const larger = new Uint8Array(Math.max(needed, 2 * store.bytes.length))
  larger.set(store.bytes.subarray(0, store.length))
  store.bytes = larger
  store.view = new DataView(larger.buffer)
}

/** Appends `length` bytes of `source` from `start`. */
export function appendBytes(store: ByteStore, source: DataView, start: number, length: number) {
  if (store.length + length + MARGIN > store.bytes.length) reserve(store, length)
  const { view, length: to } = store
  // Whole words: what they bring beyond the end is overwritten by the next text, or never read.
  for (let k = 0; k < length; k += 4) view.setInt32(to + k, source.getInt32(start + k, true), true)
  store.length = to + length
}
