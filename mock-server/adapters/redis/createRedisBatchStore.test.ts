import { expect, it } from 'vitest'
import { describeBatchStore } from '../contracts/batchStore.contract.js'
import { identityCodec } from '../memory/identityCodec.js'
import { createRedisBatchStore } from './createRedisBatchStore.js'
import { ageKeys, describeWithRedis, useTestRedis } from '../../testing/testRedis.js'

const chunk = (text: string) => identityCodec.encode(new TextEncoder().encode(text))

describeWithRedis('BatchStore on Redis', () => {
  const fixture = useTestRedis()

  function makeStore(budgetBytes = 0) {
    const prefix = fixture.freshPrefix()
    return { prefix, store: createRedisBatchStore({ redis: fixture.redis, prefix, budgetBytes }) }
  }

  describeBatchStore('redis', () => ({
    store: makeStore().store,
    advance: (ms) => ageKeys(fixture.admin, ms),
    bounded: null,
  }))

  it('refuses with MEMORY_GUARD what is beyond the budget, and keeps nothing of it', async () => {
    const used = Number(/used_memory:(\d+)/.exec(await fixture.admin.info('memory'))![1])
    const { store, prefix } = makeStore(used + 2_000_000)
    const large = Array.from({ length: 5 }, () => chunk('x'.repeat(1_000_000)))
    await expect(store.put('a', large, 60)).rejects.toMatchObject({ code: 'MEMORY_GUARD', retryable: true })
    expect(await fixture.admin.keys(`${prefix}*`)).toEqual([])
    await store.put('a', [chunk('small')], 60)
  })

  it('never mixes two writings of a list', async () => {
    const { store } = makeStore()
    await store.put('a', [chunk('1'), chunk('2')], 60)
    const reading = (await store.get('a'))![Symbol.asyncIterator]()
    await reading.next()
    await store.put('a', [chunk('3'), chunk('4')], 60)
    await expect(reading.next()).rejects.toMatchObject({ code: 'CHUNK_MISSING' })
  })

  it('says so when a part is lost', async () => {
    const { store, prefix } = makeStore()
    await store.put('a', [chunk('1'), chunk('2')], 60)
    await fixture.admin.hdel(`${prefix}:trace:store:{a}`, '1')
    const reading = (await store.get('a'))![Symbol.asyncIterator]()
    await reading.next()
    await expect(reading.next()).rejects.toMatchObject({ code: 'CHUNK_MISSING' })
  })

  it('takes any text as a key, and writes nowhere else', async () => {
    const { store, prefix } = makeStore()
    for (const key of ['a}:b{c', 'a*b', 'a\r\nb c', '焊接', '']) {
      await store.put(key, [chunk(key)], 60)
      for await (const each of (await store.get(key))!) expect(new TextDecoder().decode(each.bytes)).toBe(key)
    }
    const keys = await fixture.admin.keys(`${prefix}*`)
    expect(keys.filter((key) => !/:trace:store:\{[^{}:*]*\}$/.test(key) && !key.includes('a*b'))).toEqual([])
  })

  it('calls a fault of ours no Redis that cannot be reached', async () => {
    const { store } = makeStore()
    await expect(store.get('\ud800')).rejects.toBeInstanceOf(URIError)
    await expect(store.touch('a', 60n as never)).rejects.toBeInstanceOf(TypeError)
  })
})
