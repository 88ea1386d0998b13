import type { RecordBatch } from '../RecordBatch.js'
import type { Row } from '../Row.js'
import { rowsToBatch } from '../rowsToBatch.js'
import { readColumn, textDictionary, type CodeDictionary, type ColumnCells } from './ColumnCells.js'
import type { PackedBatch, PackedColumn } from './PackedBatch.js'
import { TextDictionary } from './TextDictionary.js'

/** Reads the batches of one decoder, all of them and in order: dictionaries grow from batch to batch. */
export function createBatchReader(): (packed: PackedBatch) => RecordBatch {
  const dictionaries = new Map<number, { texts: TextDictionary; dictionary: CodeDictionary }>()

  return (packed) => {
    if ('rows' in packed) return rowsToBatch(packed.rows)
    const { buffer, columns, length } = packed

    function dictionaryOf({ dictionary, fresh }: PackedColumn & { kind: 'dict' }): CodeDictionary {
      let known = dictionaries.get(dictionary)
      if (!known) {
        const texts = new TextDictionary()
        dictionaries.set(dictionary, (known = { texts, dictionary: textDictionary(texts) }))
      }
      if (fresh) known.texts.append(buffer, fresh)
      return known.dictionary
    }

    const cells = new Map<string, ColumnCells>()
    for (const column of columns) cells.set(column.name, readColumn(buffer, column, dictionaryOf))
    return new ColumnBatch(length, cells)
  }
}

/** A batch read from columns: a row becomes an object when it is asked for. */
class ColumnBatch implements RecordBatch {
  readonly length: number
  readonly columns: readonly string[]
  readonly #cells: ReadonlyMap<string, ColumnCells>

  constructor(length: number, cells: ReadonlyMap<string, ColumnCells>) {
    this.length = length
    this.columns = [...cells.keys()]
    this.#cells = cells
    Object.freeze(this)
  }

  at(i: number): Row {
    const row: Row = {}
    for (const [name, cells] of this.#cells) {
      const value = cells.get(i)
      if (value === undefined) continue
      if (name !== '__proto__') row[name] = value
      // Assigning it would set the prototype.
      else Object.defineProperty(row, name, { value, configurable: true, enumerable: true, writable: true })
    }
    return row
  }

  value(i: number, column: string): unknown {
    return this.#cells.get(column)?.get(i)
  }

  cells(column: string): ColumnCells | undefined {
    return this.#cells.get(column)
  }
}
