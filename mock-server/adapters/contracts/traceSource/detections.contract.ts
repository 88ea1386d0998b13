import { expect } from 'vitest'
import type { Detection } from '../../../ports/index.js'
import {
  dayQuery,
  detectionQuery,
  detectionsOf,
  known,
  hasProfile,
  seedIds,
  type Check,
  type Exam,
} from './Exam.js'
import { UNKNOWN } from './SourceFacts.js'

const isBeside = (exam: Exam) =>
  hasProfile(exam, ({ figures }) => figures) ? null : 'no profile has figures'

export const DETECTION_CHECKS: Check[] = [
  {
    name: 'knows what was measured of the seeds on their days, and nothing of other days or lots',
    isBeside,
    async run(exam) {
      const ids = await measuredIds(exam)
      const query = detectionQuery(exam, 'days')
      const found = await detectionsOf(exam, query, ids)
      expect(found, 'detections of the days that are known').not.toEqual([])
      for (const { containerId, date } of found) {
        expect(ids).toContain(containerId)
        expect(date).toMatch(/^\d{4}-\d\d-\d\d$/)
        expect(date >= query.start! && date <= query.end!, `${date} is a day asked for`).toBe(true)
      }
      const [{ containerId, date }] = found as [Detection]
      expect(await detectionsOf(exam, { ...query, start: date, end: date }, ids), date).toEqual(
        found.filter((detection) => detection.date === date),
      )
      expect(await detectionsOf(exam, query, [containerId])).toEqual(
        found.filter((detection) => detection.containerId === containerId),
      )
    },
  },
  {
    name: 'measures in numbers, reason by reason',
    isBeside,
    async run(exam) {
      const found = await detectionsOf(exam, detectionQuery(exam, 'days'), await measuredIds(exam))
      for (const detection of found) {
        expect(detection).toEqual({
          containerId: expect.any(String),
          lotId: expect.any(String),
          product: detection.product === null ? null : expect.any(String),
          isRework: expect.any(Boolean),
          date: expect.any(String),
          inputQty: expect.any(Number),
          defects: detection.defects.map(() => ({ reason: expect.any(String), qty: expect.any(Number) })),
        })
        for (const qty of [detection.inputQty, ...detection.defects.map((defect) => defect.qty)]) {
          expect(Number.isFinite(qty) && qty >= 0, `${qty} pieces`).toBe(true)
        }
      }
    },
  },
  {
    name: 'knows what was measured of lots whenever that was, and nothing of lots it does not know',
    isBeside,
    async run(exam) {
      const ids = await measuredIds(exam)
      const whenever = detectionQuery(exam, 'lots')
      const found = new Set((await detectionsOf(exam, whenever, ids)).map(({ containerId }) => containerId))
      for (const { containerId } of await detectionsOf(exam, detectionQuery(exam, 'days'), ids)) {
        expect(found).toContain(containerId)
      }
      expect(await detectionsOf(exam, whenever, [UNKNOWN])).toEqual([])
      expect(await detectionsOf(exam, whenever, [])).toEqual([])
      expect(await detectionsOf(exam, { ...whenever, station: UNKNOWN }, ids)).toEqual([])
    },
  },
]

/** Of the days that are known; where seeds have no dates, the lots that are known. */
async function measuredIds(exam: Exam): Promise<string[]> {
  const hasDates = hasProfile(exam, ({ seeds }) => seeds?.dates)
  return hasDates ? await seedIds(exam, dayQuery(exam)) : [...known(exam, 'ids')]
}
