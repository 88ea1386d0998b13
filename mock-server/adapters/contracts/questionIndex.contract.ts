import { describe, expect, it } from 'vitest'
import type { QuestionIndex } from '../../ports/index.js'

export interface QuestionIndexHarness {
  index: QuestionIndex
  /** Lets time pass for the index. */
  advance: (ms: number) => Promise<void>
}

/** What every `QuestionIndex` does. */
export function describeQuestionIndex(
  name: string,
  makeHarness: () => QuestionIndexHarness | Promise<QuestionIndexHarness>,
) {
  describe(`QuestionIndex: ${name}`, () => {
    it('gives a question to the first who claims it', async () => {
      const { index } = await makeHarness()
      expect(await index.find('q')).toBeNull()
      expect(await index.claim('q', 'a', null, 60)).toBe('a')
      expect(await index.claim('q', 'b', null, 60)).toBe('a')
      expect(await index.find('q')).toBe('a')
      expect(await index.claim('r', 'b', null, 60)).toBe('b')
    })

    it('gives it to exactly one of many who claim it at once', async () => {
      const { index } = await makeHarness()
      const claims = ['a', 'b', 'c', 'd'].map((jobId) => index.claim('q', jobId, null, 60))
      expect(new Set(await Promise.all(claims)).size).toBe(1)
    })

    it('takes it from the one that is named, and from no other', async () => {
      const { index } = await makeHarness()
      await index.claim('q', 'a', null, 60)
      expect(await index.claim('q', 'b', 'z', 60)).toBe('a')
      expect(await index.claim('q', 'b', 'a', 60)).toBe('b')
      expect(await index.claim('q', 'c', 'a', 60)).toBe('b')
    })

    it('forgets when the time is over', async () => {
      const { index, advance } = await makeHarness()
      await index.claim('q', 'a', null, 2)
      await advance(1_500)
      expect(await index.find('q')).toBe('a')
      await advance(1_000)
      expect(await index.find('q')).toBeNull()
      expect(await index.claim('q', 'b', null, 2)).toBe('b')
    })
  })
}
