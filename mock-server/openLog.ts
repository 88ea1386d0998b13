import { writeSync } from 'node:fs'
import { pino, type Logger } from 'pino'

/** The log of a process, on its stdout. */
export interface Log {
  logger: Logger
  /** Writes whole lines as they are, now or as soon as there is room. Never waits, never throws. */
  write: (lines: string) => void
  /** Lines that found no room since the process began. */
  readonly droppedCount: number
}

const STDOUT = 1
/** Lines that wait for room: about a thousand. */
const MAX_WAITING_BYTES = 256 * 1024
/** A pipe is read again soon, a disk is cleared by a person. */
const PIPE_RETRY_MS = 20
const DISK_RETRY_MS = 1_000

/**
 * Opens a log that never blocks the process. pino's own destination sleeps while a pipe is full, and retries for ever at
 * exit when the disk is full. Here lines wait in memory while there is no room. Beyond 256 kB they are dropped, and once
 * there is room one line says how many. A line that was begun is finished first, so every line in the log is whole.
 *
 * Writing stays synchronous: a line is in the log even if the next step ends the process.
 */
export function openLog(level: string): Log {
  let waiting: Buffer[] = []
  let waitingBytes = 0
  let droppedCount = 0
  let untoldCount = 0
  let timer: NodeJS.Timeout | undefined

  // Node's own output may find no room either; without a listener that error would end the process. Touching `stdout`
  // also makes a pipe non-blocking, so that a pipe that is not read gives an error instead of a wait.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})

  /** Writes what there is room for; the rest waits. */
  function writeOrHold(bytes: Buffer) {
    let written = 0
    try {
      while (written < bytes.length) written += writeSync(STDOUT, bytes, written)
    } catch (cause) {
      hold(bytes.subarray(written))
      const isPipe = (cause as NodeJS.ErrnoException).code === 'EAGAIN'
      timer ??= setTimeout(retry, isPipe ? PIPE_RETRY_MS : DISK_RETRY_MS).unref()
    }
  }

  function hold(bytes: Buffer) {
    waiting.push(bytes)
    waitingBytes += bytes.length
  }

  function retry() {
    clearTimeout(timer)
    timer = undefined
    const bytes = Buffer.concat(waiting)
    waiting = []
    waitingBytes = 0
    writeOrHold(bytes)
    if (waitingBytes === 0 && untoldCount > 0) tellDropped()
  }

  function tellDropped() {
    const count = untoldCount
    untoldCount = 0
    logger.error({ count }, 'log lines were dropped: the disk was full, or the pipe was not read')
  }

  function write(lines: string) {
    const bytes = Buffer.from(lines)
    if (waitingBytes === 0) return writeOrHold(bytes)
    // Once a line was dropped, so are the next: one gap, and it is told where it is.
    const isFull = untoldCount > 0 || waitingBytes + bytes.length > MAX_WAITING_BYTES
    if (!isFull) return hold(bytes)
    droppedCount += 1
    untoldCount += 1
  }

  process.once('exit', retry)

  const logger = pino({ level }, { write })
  return {
    logger,
    write,
    get droppedCount() {
      return droppedCount
    },
  }
}
