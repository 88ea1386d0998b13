import { joinBytesInSteps } from '../../json/bytes.js'

/** Items of a list that are written in one step. */
export const STEP_ITEMS = 1_000

/** A list as JSON, in pieces. */
export function* listText(items: readonly unknown[]): Generator<string> {
  yield '['
  for (let from = 0; from < items.length; from += STEP_ITEMS) {
    const text = JSON.stringify(items.slice(from, from + STEP_ITEMS)).slice(1, -1)
    yield from === 0 ? text : `,${text}`
  }
  yield ']'
}

/** The bytes of what comes in pieces, a step for each. */
export function* encoded(pieces: Iterable<string | Uint8Array>): Generator<void, Uint8Array<ArrayBuffer>> {
  const encoder = new TextEncoder()
  const parts: Uint8Array[] = []
  for (const piece of pieces) {
    parts.push(typeof piece === 'string' ? encoder.encode(piece) : piece)
    yield
  }
  return yield* joinBytesInSteps(parts)
}
