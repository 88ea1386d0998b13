import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { TraceError } from '../../../src/errors.js'

export type Format = 'parquet' | 'csv' | 'ndjson'
/** The files of one table, all of one format. */
export interface TableFiles {
  format: Format
  paths: string[]
}

const ENDINGS: Record<string, Format> = { parquet: 'parquet', csv: 'csv', ndjson: 'ndjson', jsonl: 'ndjson' }

/**
 * The files of a table: `history.parquet`, or all Parquet files in `history/`; so too `.csv`, `.ndjson`, `.jsonl`.
 *
 * @returns `null` when there are none
 * @throws {TraceError} `SOURCE_MISCONFIGURED` when there are files of several formats
 */
export function findFiles(folder: string, table: string): TableFiles | null {
  const path = join(folder, ...table.split('.'))
  const alone = Object.keys(ENDINGS).map((ending) => `${path}.${ending}`)
  const paths = [
    ...alone.filter((file) => list(join(file, '..')).includes(file)),
    ...list(path).filter((file) => formatOf(file) !== undefined),
  ]
  const [first] = paths
  if (first === undefined) return null
  const other = paths.find((file) => formatOf(file) !== formatOf(first))
  if (other !== undefined) {
    throw new TraceError(
      'SOURCE_MISCONFIGURED',
      `There are both ${first} and ${other}; keep those of one format.`,
    )
  }
  return { format: formatOf(first)!, paths }
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder)
      .sort()
      .map((name) => join(folder, name))
  } catch {
    return []
  }
}

function formatOf(path: string): Format | undefined {
  return ENDINGS[/\.([^.]+)$/.exec(path)?.[1] ?? '']
}
