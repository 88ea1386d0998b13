import type { SeedAnswer } from '../../src/protocol/index.js'
import { RecordList } from '../../src/records/RecordList.js'
import { rowsToBatch } from '../../src/records/rowsToBatch.js'

/** The seeds that a stage found, as the rows that a job has of them. */
export function seedRecords({ seeds }: SeedAnswer): RecordList {
  const rows = seeds.map(({ containerId, containerName, lotId }) => ({
    CONTAINERID: containerId,
    CONTAINERNAME: containerName,
    LOT_ID: lotId,
  }))
  return RecordList.empty(rows.length).append(rowsToBatch(rows))
}
