import { createNotifier } from '../../async/notifier.js'

/** A few buffers that are lent out and come back. */
export interface BufferPool {
  put: (buffer: ArrayBuffer) => void
  /**
   * A buffer; waits for one when all are lent.
   *
   * @throws `signal.reason` on abort
   */
  take: (signal: AbortSignal) => Promise<ArrayBuffer>
}

/** Buffers are made when first needed: a short stream needs one. */
export function createBufferPool(count: number, byteLength: number): BufferPool {
  const free: ArrayBuffer[] = []
  const returned = createNotifier()
  let made = 0
  return {
    put(buffer) {
      free.push(buffer)
      returned.notify()
    },
    async take(signal) {
      signal.throwIfAborted()
      while (free.length === 0 && made === count) await returned.notified(signal)
      const buffer = free.pop()
      if (buffer) return buffer
      made++
      return new ArrayBuffer(byteLength)
    },
  }
}
