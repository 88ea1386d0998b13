import { describe, expect, it } from 'vitest'
import { createLineageReader } from './createLineageReader.js'
import { parseBody } from '../http/readJson.js'

/** What goes into the events request for an answer that came as `text`, cut into pieces. */
async function carried(text: string, seedIds: string[], pieceBytes = 1 << 16) {
  const bytes = new TextEncoder().encode(text)
  const chunks = Array.from({ length: Math.ceil(bytes.length / pieceBytes) }, (_, i) =>
    bytes.slice(i * pieceBytes, (i + 1) * pieceBytes),
  )
  const { readers, carry } = createLineageReader()
  const rest = await parseBody(chunks, new AbortController().signal, { wants: () => false, readers })
  expect(rest).toEqual({})
  const work = carry(seedIds)
  for (;;) {
    const { done, value } = work.next()
    if (!done) continue
    const { cidCount, eventsJson } = value
    return { cidCount, ...JSON.parse(`{${new TextDecoder().decode(eventsJson)}}`) }
  }
}

describe('createLineageReader', () => {
  it('asks for seeds and ancestors, each once, and passes the maps on', async () => {
    const ancestors = { A: ['W', 'X', ''], B: ['X', 'A'], C: [] }
    const seed_roots = { A: 'W' }
    const text = JSON.stringify({ stage: 'lineage', ancestors, names: { A: 'a' }, seed_roots }, null, 1)
    for (const pieceBytes of [1, 7, 1000]) {
      expect(await carried(text, ['A', 'B', 'C'], pieceBytes)).toEqual({
        cidCount: 5,
        container_ids: ['A', 'B', 'C', 'W', 'X'],
        seed_container_ids: ['A', 'B', 'C'],
        lineage: { ancestors, children_map: {}, seed_roots },
      })
    }
  })

  it('asks for descendants breadth first, in circles too, where there is a children_map', async () => {
    const children_map = { A: ['B', ' C '], B: ['D', 'A'], C: ['E'], Z: ['nobody asked'] }
    const text = JSON.stringify({ ancestors: { A: ['W'] }, children_map })
    expect(await carried(text, ['A'])).toMatchObject({
      container_ids: ['A', 'B', 'C', 'D', 'E'],
      lineage: { ancestors: { A: ['W'] }, children_map, seed_roots: {} },
    })
  })

  it('takes ids for data, whatever they are called', async () => {
    const text = '{"children_map":{"__proto__":["constructor"],"constructor":["站\\u0031"]}}'
    expect((await carried(text, ['__proto__'])).container_ids).toEqual(['__proto__', 'constructor', '站1'])
    expect((await carried('{"children_map":{}}', ['toString'])).container_ids).toEqual(['toString'])
  })

  it('goes by the last of a repeated key, as JSON.parse does', async () => {
    const text = '{"ancestors":{"A":["X"]},"ancestors":{"A":["Y"]}}'
    expect(await carried(text, ['A'])).toMatchObject({
      container_ids: ['A', 'Y'],
      lineage: { ancestors: { A: ['Y'] } },
    })
  })

  it.each([
    ['{"ancestors":null}', 'at "ancestors": Expected an object of id lists'],
    ['{"ancestors":["A"]}', 'at "ancestors": Expected an object of id lists'],
    ['{"children_map":{"A":["B"],"C":[5]}}', 'at "children_map": Expected an object of id lists'],
    ['{"ancestors":{},"seed_roots":{"A":["B"]}}', 'at "seed_roots": Expected an object of texts'],
    ['{"seed_roots":{}}', 'neither a lineage nor an id of one'],
    ['{}', 'neither a lineage nor an id of one'],
  ])('says what is wrong with %s', async (text, message) => {
    await expect(carried(text, ['A'])).rejects.toMatchObject({
      code: 'UNEXPECTED_RESPONSE',
      message: expect.stringContaining(message),
    })
  })

  it.each([
    '{"ancestors":{"A":["B"]',
    '{"ancestors" {"A":[]}}',
    '{"ancestors":{"A":[}}',
    '{"ancestors":nul}',
  ])('refuses %s, which is no JSON', async (text) => {
    await expect(carried(text, ['A'])).rejects.toThrow(SyntaxError)
  })
})
