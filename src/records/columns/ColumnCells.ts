import { readPart } from './createBufferLayout.js'
import { FIRST_CODE, NULL_CELL, NULL_CODE, type PackedColumn, type PartArray } from './PackedBatch.js'
import { readTexts, type TextArray } from './TextArray.js'
import type { TextDictionary } from './TextDictionary.js'

/** The cells of one column of one batch. `null` is a value, `undefined` says that the row has no such column. */
export type ColumnCells = {
  get: (i: number) => unknown
} & (
  | { kind: 'numbers'; numbers: PartArray; nulls: PartArray | null }
  | { kind: 'codes'; codes: PartArray; dictionary: CodeDictionary }
  | { kind: 'values' }
)

/** What the codes of a column stand for; the same object for all batches that share a dictionary. */
export interface CodeDictionary {
  /** Codes are below this. */
  size: () => number
  at: (code: number) => unknown
}

const BOOLEANS: readonly unknown[] = [null, undefined, false, true]
const BOOLEAN_DICTIONARY: CodeDictionary = { size: () => BOOLEANS.length, at: (code) => BOOLEANS[code] }

export function textDictionary(dictionary: TextDictionary): CodeDictionary {
  return {
    size: () => dictionary.length + FIRST_CODE,
    at: (code) =>
      code >= FIRST_CODE ? dictionary.at(code - FIRST_CODE) : code === NULL_CODE ? null : undefined,
  }
}

/** @param dictionaryOf what the codes of a `dict` column stand for, its fresh entries included */
export function readColumn(
  buffer: ArrayBuffer,
  column: PackedColumn,
  dictionaryOf: (column: PackedColumn & { kind: 'dict' }) => CodeDictionary,
): ColumnCells {
  switch (column.kind) {
    case 'num':
      return numbersOf(readPart(buffer, column.cells), column.nulls && readPart(buffer, column.nulls))
    case 'dict':
      return codesOf(readPart(buffer, column.cells), dictionaryOf(column))
    case 'bool':
      return codesOf(readPart(buffer, column.cells), BOOLEAN_DICTIONARY)
    case 'pool':
      return textsOf(readTexts(buffer, column.texts), column.nulls && readPart(buffer, column.nulls))
    case 'null':
      return { kind: 'values', get: () => null }
    case 'any':
      return { kind: 'values', get: (i) => column.values[i] }
  }
}

function codesOf(codes: PartArray, dictionary: CodeDictionary): ColumnCells {
  return { kind: 'codes', codes, dictionary, get: (i) => dictionary.at(codes[i]!) }
}

function numbersOf(numbers: PartArray, nulls: PartArray | null): ColumnCells {
  return { kind: 'numbers', numbers, nulls, get: withNulls(nulls, (i) => numbers[i]) }
}

function textsOf(texts: TextArray, nulls: PartArray | null): ColumnCells {
  return { kind: 'values', get: withNulls(nulls, texts.at) }
}

function withNulls(nulls: PartArray | null, get: (i: number) => unknown) {
  if (!nulls) return get
  return (i: number) => (nulls[i] === 0 ? get(i) : nulls[i] === NULL_CELL ? null : undefined)
}
