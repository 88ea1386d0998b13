import { mount } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import { defineComponent, h } from 'vue'
import { createTrace } from '../../composables/createTrace/createTrace.js'
import { createTraceLabels, useLabels, type LabelCatalogues, type LabelTools } from './useLabels.js'

/** The tools as a component has them, in an app of its own. */
function toolsIn(locale: string, catalogues?: LabelCatalogues): LabelTools {
  let tools!: LabelTools
  const Asker = defineComponent({
    setup() {
      tools = useLabels(undefined).value
      return () => h('i')
    },
  })
  const plugins = [createTrace({ locale }), ...(catalogues ? [createTraceLabels(catalogues)] : [])]
  mount(Asker, { global: { plugins } })
  return tools
}

describe('useLabels', () => {
  it('takes a language of the page, and English for what that lacks', () => {
    const { labels, count } = toolsIn('de-AT', { de: { retry: 'Noch einmal' } })
    expect([labels.retry, labels.cancel]).toEqual(['Noch einmal', 'Cancel job'])
    expect(count(1_234_567)).toBe(new Intl.NumberFormat('de-AT').format(1_234_567))
  })

  it('lets a page say some things otherwise than the library does', () => {
    const { labels } = toolsIn('zh-Hant-TW', { 'zh-Hant-TW': { retry: '再試一次' } })
    expect([labels.retry, labels.cancel]).toEqual(['再試一次', '取消工作'])
  })

  it('finds Chinese for every Chinese, and English for a language nobody has', () => {
    expect(toolsIn('zh-TW').labels.retry).toBe('重試')
    expect(toolsIn('fr').labels.retry).toBe('Try again')
  })

  it('counts one as one', () => {
    const { counted, labels } = toolsIn('en')
    expect([0, 1, 2000].map((value) => counted(labels.rowsFound, value))).toEqual([
      '0 rows',
      '1 row',
      '2,000 rows',
    ])
    const chinese = toolsIn('zh-Hant-TW')
    expect(chinese.counted(chinese.labels.rowsFound, 1)).toBe('1 筆')
  })

  it('says durations as people do, and never that what took a moment took nothing', () => {
    const { duration } = toolsIn('en')
    expect([0.01, 0.44, 40, 60, 200, 3599, 7200, 7380].map(duration)).toEqual([
      '0.1 sec',
      '0.4 sec',
      '40 sec',
      '1 min',
      '3 min 20 sec',
      '59 min 59 sec',
      '2 hr',
      '2 hr 3 min',
    ])
  })
})
