import type { RecordBatch } from '../RecordBatch.js'
import { rowsToBatch } from '../rowsToBatch.js'
import { ColumnBatch } from './ColumnBatch.js'
import { readColumn, textMeaning, type CodeMeaning, type ColumnCells } from './ColumnCells.js'
import type { PackedBatch, PackedColumn } from './PackedBatch.js'
import { TextDictionary } from './TextDictionary.js'

/** Reads the batches of one decoder, all of them and in order: dictionaries grow from batch to batch. */
export function createBatchReader(): (packed: PackedBatch) => RecordBatch {
  const dictionaries = new Map<number, { texts: TextDictionary; meaning: CodeMeaning }>()

  return (packed) => {
    if ('rows' in packed) return rowsToBatch(packed.rows)
    const { buffer, columns, length } = packed

    function meaningOf({ dictionary, fresh }: PackedColumn & { kind: 'dict' }): CodeMeaning {
      let known = dictionaries.get(dictionary)
      if (!known) {
        const texts = new TextDictionary()
        dictionaries.set(dictionary, (known = { texts, meaning: textMeaning(texts) }))
      }
      if (fresh) known.texts.append(buffer, fresh)
      return known.meaning
    }

    const cells = new Map<string, ColumnCells>()
    for (const column of columns) cells.set(column.name, readColumn(buffer, column, meaningOf))
    return new ColumnBatch(length, cells)
  }
}
