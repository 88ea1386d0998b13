import { describe, expect, it } from 'vitest'
import { TraceError } from '../../errors.js'
import { DEFAULT_POLICY } from '../run/TracePolicy.js'
import type { TraceContext } from '../run/TraceContext.js'
import { createTestTrace } from '../../../mock-server/testing/createTestTrace.js'
import { createBrowserEnvironment } from '../../browser/createBrowserEnvironment.js'
import { createFetchTransport } from '../../browser/createFetchTransport.js'
import { fetchDescription } from './fetchDescription.js'

const BASE = 'http://mes.example/plant/'

function ask(answer: (request: Request) => Promise<Response> | Response) {
  const asked: string[] = []
  const context: TraceContext = {
    transport: createFetchTransport({
      fetch: async (url, init) => {
        const request = new Request(url as string, init)
        asked.push(request.url)
        return answer(request)
      },
    }),
    environment: createBrowserEnvironment({ baseUrl: BASE }),
    policy: DEFAULT_POLICY,
    signal: new AbortController().signal,
  }
  return { asked, description: fetchDescription(context) }
}

describe('the description of a server', () => {
  it('is what its source says', async () => {
    const trace = createTestTrace()
    const { asked, description } = ask(() => trace.call('/api/trace/describe'))
    const { profiles, domains } = await description
    expect(asked).toEqual([`${BASE}api/trace/describe`])
    expect(profiles.map(({ name }) => name)).toContain('equipment_downtime')
    const history = domains.find(({ name }) => name === 'history')
    expect(history?.title).toEqual({ en: 'History', 'zh-Hant-TW': '生產履歷' })
    expect(history?.columns.find(({ name }) => name === 'TRACKINQTY')).toMatchObject({
      kind: 'quantity',
      unit: 'pcs',
    })
  })

  it.each([404, 405])('is that of the original service where there is none (%i)', async (status) => {
    const { profiles, domains } = await ask(() => Response.json({}, { status })).description
    expect(profiles.find(({ name }) => name === 'mid_section_defect')).toMatchObject({
      direction: 'asked',
      figures: true,
      domains: { forward: ['upstream_history', 'downstream_rejects'] },
    })
    expect(domains).toHaveLength(7)
  })

  it('is refused when it is not as the protocol says, with the place', async () => {
    const wrong = { profiles: [{ name: 'a', stages: ['rows'], domains: [] }], domains: [] }
    await expect(ask(() => Response.json(wrong)).description).rejects.toThrow(
      expect.objectContaining({
        code: 'UNEXPECTED_RESPONSE',
        message: expect.stringContaining('profiles.0.stages.0'),
      }),
    )
  })

  it('fails as any request does', async () => {
    const answer = () => Response.json({ error: { code: 'UNAUTHORIZED', message: 'no' } }, { status: 401 })
    await expect(ask(answer).description).rejects.toBeInstanceOf(TraceError)
  })
})
