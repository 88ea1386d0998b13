import { createManualClock } from '../../testing/createManualClock.js'
import { describeQuestionIndex } from '../contracts/questionIndex.contract.js'
import { createMemoryQuestionIndex } from './createMemoryQuestionIndex.js'

describeQuestionIndex('memory', () => {
  const clock = createManualClock()
  const index = createMemoryQuestionIndex(clock)
  async function advance(ms: number) {
    await clock.advance(ms)
    index.sweep()
  }
  return { index, advance }
})
