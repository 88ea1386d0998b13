import { joinBytesInSteps } from '../ndjson/joinBytes.js'

/** Entries of a list or map that are written in one step. */
export const STEP_ENTRIES = 1_000

/** A list as JSON, in pieces. */
export function* listText(items: readonly unknown[]): Generator<string> {
  yield '['
  for (let from = 0; from < items.length; from += STEP_ENTRIES) {
    const text = JSON.stringify(items.slice(from, from + STEP_ENTRIES)).slice(1, -1)
    yield from === 0 ? text : `,${text}`
  }
  yield ']'
}

/** A map as JSON, in pieces. */
export function* mapText(map: Record<string, unknown> | null): Generator<string> {
  const keys = map ? Object.keys(map) : []
  yield '{'
  for (let from = 0; from < keys.length; from += STEP_ENTRIES) {
    const slice = keys.slice(from, from + STEP_ENTRIES)
    const text = slice.map((key) => `${JSON.stringify(key)}:${JSON.stringify(map![key])}`).join(',')
    yield from === 0 ? text : `,${text}`
  }
  yield '}'
}

/** The bytes of a text that comes in pieces, a step for each. */
export function* encoded(pieces: Iterable<string>): Generator<void, Uint8Array<ArrayBuffer>> {
  const encoder = new TextEncoder()
  const parts: Uint8Array[] = []
  for (const piece of pieces) {
    parts.push(encoder.encode(piece))
    yield
  }
  return yield* joinBytesInSteps(parts)
}
