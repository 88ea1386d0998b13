import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { connectRedis } from './connectRedis.js'
import { createRedisBackend } from './createRedisBackend.js'
import { redisProblem } from './redisProblem.js'
import { freePort, startTestRedis, type TestRedis } from '../../testing/startTestRedis.js'
import { describeWithRedis } from '../../testing/testRedis.js'

describeWithRedis('A Redis that cannot be used as it is set up', () => {
  let redis: TestRedis
  let admin: Redis

  beforeAll(async () => {
    redis = await startTestRedis()
    admin = new Redis(redis.url)
  })
  afterAll(async () => {
    admin.disconnect()
    await redis.remove()
  })

  function problemOf(url: string) {
    const settings = { clusterNodes: [], prefix: 'mes_wip', queueName: 'trace-events', budgetMb: 0 }
    return redisProblem({ ...settings, url })
  }

  /** As a user who may do all but what `rules` take away. */
  async function problemOfUser(...rules: string[]) {
    await admin.call('ACL', 'SETUSER', 'trace', 'reset', 'on', '>secret', '~*', '&*', '+@all', ...rules)
    return problemOf(`redis://trace:secret@127.0.0.1:${redis.port}/1`)
  }

  it('is none where all is well, or where Redis is away', async () => {
    expect(await problemOf(redis.url)).toBeNull()
    expect(await problemOf(`${redis.url}/15`)).toBeNull()
    expect(await problemOfUser()).toBeNull()
    expect(await problemOf(`redis://127.0.0.1:${await freePort()}/99`)).toBeNull()
  })

  it('names a database that is not there, or that the user may not select', async () => {
    expect(await problemOf(`${redis.url}/99`)).toBe(
      'Redis does not give the database of REDIS_URL: ERR DB index is out of range.',
    )
    expect(await problemOfUser('-select')).toMatch(
      /^Redis does not give the database of REDIS_URL: NOPERM .*'select'.*\.$/,
    )
  })

  it('names a user or password that is wrong or missing', async () => {
    const sentence = 'Redis refuses the user or password of REDIS_URL.'
    expect(await problemOf(`redis://trace:wrong@127.0.0.1:${redis.port}`)).toBe(sentence)
    await admin.config('SET', 'requirepass', 'secret')
    expect(await problemOf(redis.url)).toBe(sentence)
    expect(await problemOf(`redis://:secret@127.0.0.1:${redis.port}`)).toBeNull()
    await admin.config('SET', 'requirepass', '')
  })

  it.each([
    [['-info'], 'INFO'],
    [['-@dangerous'], 'INFO'],
    [['-@scripting'], 'scripts'],
    [['resetkeys', '~mes_wip:*'], 'keys {mes_wip:trace}:*'],
    [['resetkeys', '~other:*'], 'keys mes_wip:*, keys {mes_wip:trace}:*'],
    [['resetchannels'], 'channels mes_wip:*, SUBSCRIBE'],
  ])('names the rights that a user with %j lacks', async (rules, missing) => {
    expect(await problemOfUser(...rules)).toBe(
      `The user of REDIS_URL lacks rights in Redis (${missing}): docs/operations.md names all it needs.`,
    )
  })

  it('is told of when it was away at the start', async () => {
    // The client complains of the missing right on its own, to the console.
    const muted = vi.spyOn(console, 'warn').mockImplementation(() => {})
    const settings = '--user trace on >secret ~* &* +@all -info'.split(' ')
    const late = await startTestRedis({ settings })
    await late.stop()
    const warnings: string[] = []
    const backend = createRedisBackend(
      {
        url: `redis://trace:secret@127.0.0.1:${late.port}`,
        ...{ clusterNodes: [], prefix: 'mes_wip', queueName: 'trace-events', budgetMb: 0 },
      },
      { ttlSeconds: 100, unfinishedTtlSeconds: 100, warn: (message) => warnings.push(message) },
    )
    await vi.waitFor(() => expect(warnings.join()).toContain('cannot be reached'))
    await late.start()
    await vi.waitFor(() => expect(warnings.join()).toContain('lacks rights in Redis (INFO)'), 10_000)
    await backend.close()
    await late.remove()
    muted.mockRestore()
  })

  it('is never used in its database 0 instead', async () => {
    const client = connectRedis({ url: `${redis.url}/99`, clusterNodes: [] }, 'commands')
    let refusals = 0
    let wasReady = false
    client.on('ready', () => (wasReady = true))
    await new Promise<void>((resolve) => {
      client.on('error', ({ message }: Error) => {
        if (message === 'ERR DB index is out of range' && ++refusals === 3) resolve()
      })
    })
    expect(wasReady).toBe(false)
    await expect(client.set('a', '1')).rejects.toThrow()
    expect(await admin.dbsize()).toBe(0)
    client.disconnect()
  })
})
