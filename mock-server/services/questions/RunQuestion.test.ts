import { describe, expect, it } from 'vitest'
import { createTestTrace } from '../../testing/createTestTrace.js'
import { encodeItems } from '../store/fragments.js'
import { questionKey } from './Question.js'
import { loadRunQuestion, storeRunQuestion, type RunQuestion } from './RunQuestion.js'

describe('a stored question of a run', () => {
  it('of a release before sources described themselves is still read', async () => {
    const { store, codec } = createTestTrace()
    const old = (profile: string) => ({
      profile,
      params: {},
      direction: 'backward',
      query: { profile, by: 'values', resolveType: 'lot_id', values: ['A'] },
      domains: ['history'],
    })
    for (const [profile, hasFigures] of [
      ['mid_section_defect', true],
      ['query_tool', false],
    ] as const) {
      await store.put(questionKey('old'), [encodeItems(codec, [old(profile)])], 100)
      const question = await loadRunQuestion({ store, codec }, 'old')
      expect(question).toEqual({ ...old(profile), hasFigures, hasLineage: true })
    }
  })

  it('is read as it was stored, with lists of numbers', async () => {
    const { store, codec } = createTestTrace()
    const question: RunQuestion = {
      profile: 'downtime',
      params: {},
      hasFigures: false,
      hasLineage: false,
      direction: 'backward',
      query: { by: 'params', profile: 'downtime', params: { shot: [9, 10], line: 'A', names: ['B'] } },
      domains: ['stops'],
    }
    await storeRunQuestion({ store, codec }, 'j', question, 100)
    expect(await loadRunQuestion({ store, codec }, 'j')).toEqual(question)
  })
})
