import { describe, expect, it } from 'vitest'
import { TRACE_ERRORS, TraceError, type TraceErrorCode } from '../errors.js'
import { CATALOGUES, messageOf, textOf } from './messageOf.js'

const CODES = Object.keys(TRACE_ERRORS) as TraceErrorCode[]

describe('messageOf', () => {
  it.each(Object.entries(CATALOGUES))('has one sentence for every code in %s', (locale, catalogue) => {
    expect(Object.keys(catalogue.errors).sort()).toEqual([...CODES].sort())
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

  it('takes the nearest language it has, and English for the rest', () => {
    expect(textOf('stages', 'lineage', 'zh-TW')).toBe('追溯血緣')
    expect(textOf('stages', 'lineage', 'fr')).toBe('Tracing the lineage')
  })

  it("takes the user's words before its own, and its own for what they lack", () => {
    const mine = { de: { phases: { done: 'Fertig' } }, en: { phases: { done: 'All done' } } }
    expect(textOf('phases', 'done', 'de-AT', mine)).toBe('Fertig')
    expect(textOf('phases', 'queued', 'de', mine)).toBe('Waiting in the queue')
    expect(textOf('phases', 'done', 'en', mine)).toBe('All done')
    expect(textOf('phases', 'done', 'zh-Hant-TW', mine)).toBe('完成')
  })
})
