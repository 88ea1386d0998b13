import { readPart } from './createBufferLayout.js'
import { FIRST_CODE, NULL_CELL, NULL_CODE, type PackedColumn, type PartArray } from './PackedBatch.js'
import { readTexts, type TextArray } from './TextArray.js'
import type { TextDictionary } from './TextDictionary.js'

/** The cells of one column of one batch. `null` is a value, `undefined` says that the row has no such column. */
export type ColumnCells = {
  get: (i: number) => unknown
} & (
  | { kind: 'numbers'; numbers: PartArray; holes: PartArray | null }
  | { kind: 'codes'; codes: PartArray; meaning: CodeMeaning }
  | { kind: 'values' }
)

/** What the codes of a column stand for; the same object for all batches that share a dictionary. */
export interface CodeMeaning {
  /** Codes are below this. */
  size: () => number
  of: (code: number) => unknown
}

const BOOLEANS: readonly unknown[] = [null, undefined, false, true]
const BOOLEAN_MEANING: CodeMeaning = { size: () => BOOLEANS.length, of: (code) => BOOLEANS[code] }

export function textMeaning(dictionary: TextDictionary): CodeMeaning {
  return {
    size: () => dictionary.length + FIRST_CODE,
    of: (code) =>
      code >= FIRST_CODE ? dictionary.at(code - FIRST_CODE) : code === NULL_CODE ? null : undefined,
  }
}

/** @param meaningOf the meaning of a `dict` column's codes, its fresh entries included */
export function readColumn(
  buffer: ArrayBuffer,
  column: PackedColumn,
  meaningOf: (column: PackedColumn & { kind: 'dict' }) => CodeMeaning,
): ColumnCells {
  switch (column.kind) {
    case 'num':
      return numbersOf(readPart(buffer, column.cells), column.holes && readPart(buffer, column.holes))
    case 'dict':
      return codesOf(readPart(buffer, column.cells), meaningOf(column))
    case 'bool':
      return codesOf(readPart(buffer, column.cells), BOOLEAN_MEANING)
    case 'pool':
      return textsOf(readTexts(buffer, column.texts), column.holes && readPart(buffer, column.holes))
    case 'null':
      return { kind: 'values', get: () => null }
    case 'any':
      return { kind: 'values', get: (i) => column.values[i] }
  }
}

function codesOf(codes: PartArray, meaning: CodeMeaning): ColumnCells {
  return { kind: 'codes', codes, meaning, get: (i) => meaning.of(codes[i]!) }
}

function numbersOf(numbers: PartArray, holes: PartArray | null): ColumnCells {
  return { kind: 'numbers', numbers, holes, get: withHoles(holes, (i) => numbers[i]) }
}

function textsOf(texts: TextArray, holes: PartArray | null): ColumnCells {
  return { kind: 'values', get: withHoles(holes, texts.at) }
}

function withHoles(holes: PartArray | null, get: (i: number) => unknown) {
  if (!holes) return get
  return (i: number) => (holes[i] === 0 ? get(i) : holes[i] === NULL_CELL ? null : undefined)
}
