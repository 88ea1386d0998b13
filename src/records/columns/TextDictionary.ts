import { readTexts, type TextArray } from './TextArray.js'
import type { PackedTexts } from './PackedBatch.js'

/** The texts that one column's codes stand for. Grows with the domain's batches; decoded on first read. */
export class TextDictionary {
  readonly #segments: TextArray[] = []
  /** Index of each segment's first text. */
  readonly #starts: number[] = []
  readonly #texts: (string | undefined)[] = []
  #length = 0

  get length() {
    return this.#length
  }

  append(buffer: ArrayBuffer, texts: PackedTexts) {
    const segment = readTexts(buffer, texts)
    this.#segments.push(segment)
    this.#starts.push(this.#length)
    this.#length += segment.length
  }

  at(index: number): string {
    return this.#texts[index] ?? this.#decode(index)
  }

  #decode(index: number): string {
    let low = 0
    let high = this.#starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (this.#starts[middle]! <= index) low = middle
      else high = middle - 1
    }
    const text = this.#segments[low]!.at(index - this.#starts[low]!)
    // Filled up to here first: an array with gaps would turn into a slow one.
    while (this.#texts.length < index) this.#texts.push(undefined)
    this.#texts[index] = text
    return text
  }
}
