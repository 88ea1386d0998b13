import { describe, expect, it } from 'vitest'
import { assertOfApi, below, endpoint, resolveUrl, withQuery } from './resolveUrl.js'

const JOB = '/api/trace/job/1?ticket=t'

describe('resolveUrl', () => {
  it.each([
    ['https://h', 'https://h/api/trace/job/1?ticket=t'],
    ['https://h/', 'https://h/api/trace/job/1?ticket=t'],
    ['https://h/mes', 'https://h/mes/api/trace/job/1?ticket=t'],
    ['https://h/mes/', 'https://h/mes/api/trace/job/1?ticket=t'],
    ['https://h/a/b/', 'https://h/a/b/api/trace/job/1?ticket=t'],
    ['https://h/api', 'https://h/api/api/trace/job/1?ticket=t'],
    ['https://h/api/trace', 'https://h/api/trace/api/trace/job/1?ticket=t'],
  ])('finds a job behind %s, whether or not its server knows of the path', (baseUrl, expected) => {
    const prefix = new URL(baseUrl).pathname.replace(/\/$/, '')
    expect(resolveUrl(JOB, baseUrl)).toBe(expected)
    expect(resolveUrl(prefix + JOB, baseUrl)).toBe(expected)
    expect(resolveUrl(JOB.slice(1), baseUrl)).toBe(expected)
    // Resolved twice, it stays where it is.
    expect(resolveUrl(expected, baseUrl)).toBe(expected)
    expect(endpoint('job/1', baseUrl)).toBe(expected.split('?')[0])
    expect(below(JOB, 'stream', baseUrl)).toBe(expected.replace('?', '/stream?'))
    expect(withQuery(JOB, { after: 3 }, baseUrl)).toBe(`${expected}&after=3`)
  })

  it('puts what another server calls its jobs below the path as well', () => {
    expect(resolveUrl('/jobs/1', 'https://h/mes/')).toBe('https://h/mes/jobs/1')
    expect(resolveUrl('/mes/jobs/1', 'https://h/mes/')).toBe('https://h/mes/jobs/1')
    expect(resolveUrl('/message', 'https://h/mes/')).toBe('https://h/mes/message')
  })

  it('leaves an address that names its origin where it is', () => {
    expect(resolveUrl('https://h/elsewhere/1', 'https://h/mes/')).toBe('https://h/elsewhere/1')
  })

  it.each([
    'https://evil.test/x',
    '//evil.test/x',
    '/\\evil.test/x',
    '\\\\evil.test/x',
    ' https://evil.test/x',
    '\thttps://evil.test/x',
    'https:evil.test',
    'http://h/x',
    'https://h:8443/x',
    'https://me@h/x',
    'javascript:alert(1)',
    'http://[',
  ])('refuses %j behind a path as anywhere', (url) => {
    const refused = (() => {
      try {
        return new URL(resolveUrl(url, 'https://h/mes/')).origin
      } catch (error) {
        return (error as { code?: string }).code
      }
    })()
    // `https:evil.test` is, by the rules of URLs, a path of the same origin.
    expect(refused).toBe(url === 'https:evil.test' ? 'https://h' : 'FOREIGN_URL')
  })
})

describe('assertOfApi', () => {
  it.each([
    [JOB, true],
    ['/mes/api/trace/job/1', true],
    ['/admin/users/1', false],
    ['/mes/admin/users/1', false],
    ['/api/trace/../../admin', false],
    ['/api/trace/%2e%2e/admin', false],
    ['/api/trace/..\\admin', false],
    ['https://h/api/trace/job/1', false],
    ['https://h/mes/api/trace/job/1', true],
  ])('of %s says %s, wherever it stands', (url, isGood) => {
    const none = { streamUrl: null, followUrl: null, resultUrl: null, cancelUrl: null }
    const rest = { jobId: '1', cidCount: null, estimatedSeconds: null, joined: false, ageSeconds: null }
    const good = { ...none, ...rest, statusUrl: JOB }
    for (const name of ['statusUrl', 'streamUrl', 'followUrl', 'resultUrl', 'cancelUrl']) {
      const judge = () => assertOfApi({ ...good, [name]: url }, 'https://h/mes')
      if (isGood) expect(judge).not.toThrow()
      else expect(judge).toThrow(expect.objectContaining({ code: 'FOREIGN_URL' }))
    }
  })
})
