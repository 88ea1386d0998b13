import { ByteWriter, ParquetWriter, type SchemaElement } from 'hyparquet-writer'
import type { OpenTableFile, TableColumn } from '../../ports/index.js'

/** A Parquet file; the rows of each `write` are a row group. */
export const openParquetFile: OpenTableFile = (columns) => {
  const writer = new ByteWriter()
  const schema = [{ name: 'root', num_children: columns.length }, ...columns.map(toElement)]
  const file = new ParquetWriter({ writer, schema, createdBy: 'vue-trace-progress' })

  /** What has come together since the last call. Offsets in the file go on. */
  function take(): Uint8Array {
    const bytes = writer.getBytes().slice()
    writer.index = 0
    return bytes
  }

  return {
    write(cells) {
      const rowCount = cells[0]!.length
      const columnData = columns.map(({ name }, i) => ({ name, data: cells[i] as unknown[] }))
      void file.write({ columnData, rowGroupSize: rowCount })
      return take()
    },
    finish() {
      void file.finish()
      return take()
    },
  }
}

function toElement({ name, type }: TableColumn): SchemaElement {
  const element = { name, repetition_type: 'OPTIONAL' } as const
  switch (type) {
    case 'text':
      return { ...element, type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } }
    case 'number':
      return { ...element, type: 'DOUBLE' }
    case 'time':
      return {
        ...element,
        type: 'INT64',
        logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: false, unit: 'MICROS' },
      }
  }
}
