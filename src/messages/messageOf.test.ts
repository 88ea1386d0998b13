import { describe, expect, it } from 'vitest'
import { TRACE_ERRORS, TraceError, type TraceErrorCode } from '../errors.js'
import { messageOf } from './messageOf.js'
import { progressText } from './progressText.js'

const CODES = Object.keys(TRACE_ERRORS) as TraceErrorCode[]

describe('messageOf', () => {
  it.each(['en', 'zh-Hant-TW'])('has one sentence for every code in %s', (locale) => {
    for (const code of CODES) {
      const message = messageOf(new TraceError(code, 'reason'), locale)
      expect(message, code).toMatch(locale === 'en' ? /^[A-Z][^.]+\.$/ : /^[^。]+。$/)
      expect(message, code).not.toMatch(/[{}]/)
    }
  })

  it("says the server's own words and the wait it asked for, as they are", () => {
    expect(messageOf(new TraceError('JOB_FAILED', 'ORA-01013 $& {seconds}'))).toBe(
      'The job failed (ORA-01013 $& {seconds}); try again.',
    )
    expect(messageOf(new TraceError('QUEUE_FULL', '', { retryAfterMs: 4_200 }), 'zh-Hant-TW')).toBe(
      '等候中的工作過多，請於 5 秒後再試。',
    )
  })
})

describe('progressText', () => {
  it('takes the nearest language it has, and English for the rest', () => {
    expect(progressText('stages', 'lineage', 'zh-TW')).toBe('追溯血緣')
    expect(progressText('stages', 'lineage', 'fr')).toBe('Tracing the lineage')
  })

  it("takes the user's words before its own, and its own for what they lack", () => {
    const mine = { de: { phases: { done: 'Fertig' } }, en: { phases: { done: 'All done' } } }
    expect(progressText('phases', 'done', 'de-AT', mine)).toBe('Fertig')
    expect(progressText('phases', 'queued', 'de', mine)).toBe('Waiting in the queue')
    expect(progressText('phases', 'done', 'en', mine)).toBe('All done')
    expect(progressText('phases', 'done', 'zh-Hant-TW', mine)).toBe('完成')
  })
})
