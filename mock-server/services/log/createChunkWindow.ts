import type { ResultLog, StoredChunk } from '../../ports/index.js'

/** Kept for readers a little behind the first; readers further behind fetch for themselves. */
const MAX_BYTES = 16 * 2 ** 20

/** One reader's view of a job's chunks. */
export interface ChunkReader {
  /** @throws {TraceError} `CHUNK_MISSING` */
  read: (epoch: string, seq: number) => Promise<StoredChunk>
  close: () => void
}

/** Gives the readers of one log the same chunks. */
export interface ChunkWindow {
  open: (jobId: string) => ChunkReader
}

/**
 * Fetches a chunk once for all readers that follow a job at about the same time: two hundred followers of a large job
 * would fetch 15 GB. A job with one reader keeps nothing here: chunks are dropped when the second to last reader goes.
 * The epoch is part of a chunk's name, because a line of the same number may be another line in the next epoch.
 */
export function createChunkWindow(log: Pick<ResultLog, 'chunk'>, maxBytes = MAX_BYTES): ChunkWindow {
  const readers = new Map<string, number>()
  const kept = new Map<string, { jobId: string; bytes: number; chunk: Promise<StoredChunk> }>()
  let keptBytes = 0

  function drop(name: string) {
    keptBytes -= kept.get(name)?.bytes ?? 0
    kept.delete(name)
  }

  async function fetch(jobId: string, seq: number, name: string): Promise<StoredChunk> {
    try {
      const chunk = await log.chunk(jobId, seq)
      const entry = kept.get(name)
      if (!entry) return chunk
      entry.bytes = chunk.bytes.length
      keptBytes += entry.bytes
      for (const oldest of kept.keys()) if (keptBytes > maxBytes) drop(oldest)
      // Copied out of the buffer it came in, which may be larger.
      return { ...chunk, bytes: chunk.bytes.slice() }
    } catch (cause) {
      drop(name)
      throw cause
    }
  }

  return {
    open(jobId) {
      let isOpen = true
      readers.set(jobId, (readers.get(jobId) ?? 0) + 1)

      return {
        read(epoch, seq) {
          if (readers.get(jobId) === 1) return log.chunk(jobId, seq)
          const name = `${jobId} ${epoch} ${seq}`
          const known = kept.get(name)
          if (known) return known.chunk
          const entry = { jobId, bytes: 0, chunk: Promise.resolve().then(() => fetch(jobId, seq, name)) }
          kept.set(name, entry)
          return entry.chunk
        },
        close() {
          if (!isOpen) return
          isOpen = false
          const left = readers.get(jobId)! - 1
          if (left > 0) readers.set(jobId, left)
          else readers.delete(jobId)
          if (left > 1) return
          for (const [name, entry] of kept) if (entry.jobId === jobId) drop(name)
        },
      }
    },
  }
}
