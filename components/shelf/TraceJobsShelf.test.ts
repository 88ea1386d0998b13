import { mount } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import { rememberedJobs } from '../progress/traceStates.js'
import TraceJobsShelf from './TraceJobsShelf.vue'

describe('TraceJobsShelf', () => {
  it('is not there while nothing is left at the server', () => {
    expect(
      mount(TraceJobsShelf, { props: { jobs: [] } })
        .find('*')
        .exists(),
    ).toBe(false)
  })

  it('hands each wish on with its job', async () => {
    const shelf = mount(TraceJobsShelf, { props: { jobs: rememberedJobs } })
    const [, second] = shelf.findAll('li')
    for (const button of second!.findAll('button')) await button.trigger('click')
    const job = rememberedJobs[1]
    expect(shelf.emitted()).toMatchObject({ resume: [[job]], cancel: [[job]], forget: [[job]] })
  })

  it('calls jobs what the page calls them, in its language', () => {
    const shelf = mount(TraceJobsShelf, {
      props: { jobs: rememberedJobs, nameOf: ({ name }) => `頁面 ${name}`, locale: 'zh-Hant-TW' },
    })
    expect(shelf.get('button').attributes('aria-label')).toBe('接回: 頁面 defect-trace')
  })
})
