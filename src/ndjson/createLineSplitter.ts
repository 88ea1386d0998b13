import { TraceError } from '../errors.js'
import { indexOfByte } from './indexOfByte.js'

const LF = 10

/** What may stand before the first byte of UTF-8. */
export const BOM: readonly number[] = [0xef, 0xbb, 0xbf]

/** Zero bytes behind each line in its buffer, so that readers may take several bytes at once. */
export const LINE_PADDING = 8

/** Splits bytes into lines wherever they are cut; knows nothing of what the lines say. */
export interface LineSplitter {
  /** The number of the line that `lines` gave last, from 1; blank lines count. */
  readonly lineNumber: number
  /**
   * The lines completed by `chunk`, without their LF, each followed by `LINE_PADDING` zeros in its buffer.
   * A line is valid until the next one is asked for.
   *
   * @throws {TraceError} `LINE_TOO_LONG`
   */
  lines: (chunk: Uint8Array) => Generator<Uint8Array<ArrayBuffer>, void>
  /** @throws {TraceError} `STREAM_TRUNCATED` when bytes are left that no LF has ended */
  end: () => void
}

/** @param maxLineBytes longest accepted line in bytes, without its LF */
export function createLineSplitter(maxLineBytes: number): LineSplitter {
  // All lines are gathered here. The buffer doubles, so a long line costs linear time.
  let buffer = new Uint8Array(1 << 16)
  let held = 0
  let lineNumber = 0
  let mayBeBom = true

  function hold(fragment: Uint8Array) {
    const needed = held + fragment.length
    if (needed + LINE_PADDING > buffer.length) {
      const larger = new Uint8Array(Math.max(needed + LINE_PADDING, 2 * buffer.length))
      larger.set(buffer.subarray(0, held))
      buffer = larger
    }
    buffer.set(fragment, held)
    held = needed
    if (mayBeBom && held >= BOM.length) dropBom()
    if (held > maxLineBytes) {
      throw new TraceError(
        'LINE_TOO_LONG',
        `Line ${lineNumber + 1} of the stream is longer than ${maxLineBytes} bytes; raise maxLineBytes if it may be`,
        { line: lineNumber + 1 },
      )
    }
  }

  function dropBom() {
    mayBeBom = false
    if (BOM.some((byte, i) => buffer[i] !== byte)) return
    buffer.copyWithin(0, BOM.length, held)
    held -= BOM.length
  }

  return {
    get lineNumber() {
      return lineNumber
    },
    *lines(chunk) {
      let start = 0
      for (let lf = indexOfByte(chunk, LF, 0); lf !== -1; lf = indexOfByte(chunk, LF, start)) {
        hold(chunk.subarray(start, lf))
        start = lf + 1
        buffer.fill(0, held, held + LINE_PADDING)
        const line = buffer.subarray(0, held)
        held = 0
        mayBeBom = false
        lineNumber++
        yield line
      }
      hold(chunk.subarray(start))
    },
    end() {
      if (held === 0) return
      throw new TraceError('STREAM_TRUNCATED', `The stream broke off in line ${lineNumber + 1}`, {
        line: lineNumber + 1,
      })
    },
  }
}
