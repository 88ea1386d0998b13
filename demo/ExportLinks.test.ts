import { mount } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import { ref } from 'vue'
import ExportLinks from './ExportLinks.vue'
import { LOCALE, type Locale } from './texts.js'

function links(rowCount: number, jobId: string | null = 'job-1', locale: Locale = 'en') {
  const global = { provide: { [LOCALE as symbol]: ref(locale) } }
  return mount(ExportLinks, { props: { jobId, domain: 'materials', rowCount }, global })
}

describe('ExportLinks', () => {
  it('leads to the file that the server writes', () => {
    const [csv, ndjson, parquet] = links(10).findAll('a')
    expect(csv!.attributes('href')).toBe('/api/trace/job/job-1/export?domain=materials&format=csv')
    expect(ndjson!.attributes('href')).toContain('format=ndjson')
    expect(parquet!.attributes('href')).toContain('format=parquet')
  })

  it('warns of what Excel leaves out: a sheet has 1,048,576 lines, and one is the heading', () => {
    expect(links(1_048_575).text()).not.toContain('Excel opens only')
    expect(links(1_048_576).text()).toContain('Excel opens only the first 1,048,575 rows')
    expect(links(1_048_576, 'job-1', 'zh-Hant-TW').text()).toContain('前 1,048,575 筆')
  })

  it('says beside the buttons what Excel does to ids of 16 digits', () => {
    expect(links(10).text()).toContain('Excel rounds ids of 16 digits')
    expect(links(10, 'job-1', 'zh-Hant-TW').text()).toContain('16 位數')
    expect(links(10, null).text()).not.toContain('Excel')
  })

  it('has nothing to press before there is a job to export from, or a row', () => {
    for (const early of [links(10, null), links(0)]) {
      expect(early.find('a').exists()).toBe(false)
      expect(early.findAll('button:disabled')).toHaveLength(3)
    }
  })
})
