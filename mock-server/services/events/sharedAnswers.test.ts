import { describe, expect, it } from 'vitest'
import { streamed } from '../../http/streamed.js'
import { createTestTrace } from '../../testing/createTestTrace.js'
import { scriptedSource } from '../../testing/scriptedSource.js'
import { createAnswers } from './createAnswers.js'
import { UNSLICED } from '../../../src/async/slices.js'
import { packQuestion } from '../../testing/packQuestion.js'
import { questionFromChunks } from '../questions/Question.js'
import type { BodyChunks } from '../store/bodyChunks.js'
import type { Caller } from '../../ports/TraceDeps.js'

const CIDS = Array.from({ length: 7 }, (_, n) => `ID-${n}`)
const CALLER: Caller = { owner: '', signal: new AbortController().signal, fresh: false }

/** Two servers over one store, each with answers of its own, and how often the source was asked. */
function setUp() {
  let asked = 0
  const source = scriptedSource({ beforePage: () => asked++ })
  const traces = [createTestTrace({ source }), createTestTrace({ source })] as const
  const { store, codec } = traces[0]
  const packed = packQuestion(
    {
      profile: 'query_tool',
      params: {},
      domains: ['history'],
      cids: CIDS,
      seedIds: [],
      lineage: {},
      seedRoots: {},
    },
    codec,
    3,
  )
  const question = questionFromChunks(packed, codec)
  const servers = traces.map((trace) => {
    const answers = createAnswers({ ...trace, store, nearStore: trace.store, slices: UNSLICED })
    const textOf = (body: BodyChunks) =>
      streamed(new Request('http://localhost'), body, { headers: {}, decode: trace.codec.decode }).text()
    return {
      ...trace,
      json: async () => textOf(await answers.json(question, CALLER, 'ids')),
      lines: async () => textOf(await answers.lines(question, CALLER, 'ids')),
    }
  })
  return { one: servers[0]!, two: servers[1]!, store, asked: () => asked }
}

describe('a small answer that another server has given', () => {
  it('is given again without asking the source', async () => {
    const { one, two, asked } = setUp()
    const answer = await one.json()
    const once = asked()
    expect(await two.json()).toBe(answer)
    expect(asked()).toBe(once)
    const lines = await two.lines()
    expect(lines).toContain('"type":"complete"')
    expect(asked()).toBe(once)
  })

  it('is no older here than there', async () => {
    const { one, two, asked } = setUp()
    await one.json()
    const once = asked()
    await two.clock.advance(299_000)
    await two.json()
    expect(asked()).toBe(once)
    await two.clock.advance(2_000)
    await two.json()
    expect(asked()).toBeGreaterThan(once)
  })

  it('is asked anew when a part of it is gone', async () => {
    const { one, two, store, asked } = setUp()
    const answer = await one.json()
    const once = asked()
    const { get } = store
    store.get = async (key) => {
      const list = await get(key)
      return list && firstOf(list)
    }
    expect(await two.json()).toBe(answer)
    expect(asked()).toBe(2 * once)
  })
})

async function* firstOf<T>(list: AsyncIterable<T>): AsyncGenerator<T> {
  for await (const item of list) {
    yield item
    return
  }
}
