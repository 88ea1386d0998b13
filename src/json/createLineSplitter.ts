import { TraceError } from '../errors.js'
import { indexOfByte } from './bytes.js'
import { createTextBuffer } from './createTextBuffer.js'

const LF = 10

/** Splits bytes into lines wherever they are cut; knows nothing of what the lines say. */
export interface LineSplitter {
  /** The number of the line that `lines` gave last, from 1; blank lines count. */
  readonly lineNumber: number
  /**
   * The lines completed by `chunk`, without their LF, each followed by `PADDING` zeros in its buffer.
   * A line is valid until the next one is asked for.
   *
   * @throws {TraceError} `LINE_TOO_LONG`
   */
  lines: (chunk: Uint8Array) => Generator<Uint8Array<ArrayBuffer>, void>
  /** What has come of a line that no LF has ended yet, until more comes. */
  rest: () => Uint8Array
  /** @throws {TraceError} `STREAM_TRUNCATED` when bytes are left that no LF has ended */
  end: () => void
}

/** @param maxLineBytes longest accepted line in bytes, without its LF */
export function createLineSplitter(maxLineBytes: number): LineSplitter {
  const held = createTextBuffer()
  let lineNumber = 0
  let mayBeBom = true

  function hold(fragment: Uint8Array) {
    held.append(fragment)
    if (mayBeBom) mayBeBom = !held.dropBom()
    if (held.length > maxLineBytes) {
      throw new TraceError(
        'LINE_TOO_LONG',
        `Line ${lineNumber + 1} of the stream is longer than ${maxLineBytes} bytes; raise maxLineBytes if it may be`,
        { line: lineNumber + 1 },
      )
    }
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
        mayBeBom = false
        lineNumber++
        yield held.take()
      }
      hold(chunk.subarray(start))
    },
    rest: () => held.bytes(),
    end() {
      if (held.length === 0) return
      throw new TraceError('STREAM_TRUNCATED', `The stream broke off in line ${lineNumber + 1}`, {
        line: lineNumber + 1,
      })
    },
  }
}
