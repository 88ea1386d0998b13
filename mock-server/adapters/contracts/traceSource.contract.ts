import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { PartialSource } from '../../ports/index.js'
import { checkSource } from '../../services/source/checkSource.js'
import { ABORT_CHECKS } from './traceSource/aborts.contract.js'
import { checksumSource } from './traceSource/checksumSource.js'
import { DETECTION_CHECKS } from './traceSource/detections.contract.js'
import { EVENT_CHECKS } from './traceSource/events.contract.js'
import type { Check, Exam } from './traceSource/Exam.js'
import { LINEAGE_CHECKS } from './traceSource/lineage.contract.js'
import { ROW_CHECKS } from './traceSource/rows.contract.js'
import { SEED_CHECKS } from './traceSource/seeds.contract.js'
import type { SourceFacts } from './traceSource/SourceFacts.js'

export { checksumSource, type SourceFacts }

/** Every rule, in the order of a question's stages. */
export const SOURCE_CHECKS: readonly Check[] = [
  ...SEED_CHECKS,
  ...LINEAGE_CHECKS,
  ...EVENT_CHECKS,
  ...DETECTION_CHECKS,
  ...ROW_CHECKS,
  ...ABORT_CHECKS,
  {
    name: 'says what another source of the same factory says',
    isBeside: ({ facts }) => (facts.checksums === undefined ? 'no checksums are known' : null),
    async run({ source, facts }) {
      expect(await checksumSource(source, facts)).toEqual(facts.checksums)
    },
  },
]

/**
 * What every `TraceSource` does, as a suite of vitest. It asks only for what the profiles of the source have.
 *
 * @param makeSource called once; the source is closed in the end
 * @param facts what is known of the factory behind it
 */
export function describeTraceSource(
  name: string,
  makeSource: () => PartialSource | Promise<PartialSource>,
  facts: SourceFacts,
) {
  describe(`TraceSource: ${name}`, () => {
    let given: PartialSource
    let exam: Exam

    beforeAll(async () => {
      given = await makeSource()
      exam = { ...checkSource(given), facts }
    })

    afterAll(async () => {
      await given?.close?.()
    })

    it.for(SOURCE_CHECKS)('$name', async ({ isBeside, run }, { skip }) => {
      const reason = isBeside?.(exam)
      if (reason) skip(reason)
      await run(exam)
    })
  })
}
