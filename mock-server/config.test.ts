import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readConfig, VARIABLES } from './config.js'

const EXAMPLE = readFileSync(new URL('../.env.example', import.meta.url), 'utf8')

/** The variables that `.env.example` sets. */
const EXAMPLE_ENVIRONMENT: Record<string, string> = Object.fromEntries(
  [...EXAMPLE.matchAll(/^([A-Z_]+)=(.*)$/gm)].map(([, name, value]) => [name, value]),
)

describe('the configuration', () => {
  it('has a default for everything', () => {
    expect(readConfig({})).toMatchObject({
      host: '127.0.0.1',
      port: 8787,
      statusNames: 'default',
      workerCount: 2,
      memoryLimitMb: 512,
      bodyLimitMb: 64,
      trustedProxies: [],
      rateLimits: {
        seed: { maxRequests: 10, windowSeconds: 60 },
        job: { maxRequests: 60, windowSeconds: 60 },
      },
      settings: {
        asyncEnabled: true,
        asyncCidThreshold: 20_000,
        eventsCidLimit: 50_000,
        cacheCidLimit: 10_000,
        cacheTtlSeconds: 300,
        jobTtlSeconds: 3_600,
        jobTimeoutSeconds: 1_800,
        streamBatchSize: 5_000,
        idBatchSize: 1_000,
        queueLimit: 100,
      },
    })
  })

  it('takes blank variables for unset ones', () => {
    expect(readConfig({ PORT: '', HOST: '  ', TRACE_WORKER_COUNT: ' 3 ' })).toMatchObject({
      host: '127.0.0.1',
      port: 8787,
      workerCount: 3,
    })
  })

  it('cannot be changed', () => {
    const config = readConfig({})
    expect(Object.isFrozen(config)).toBe(true)
    expect(Object.isFrozen(config.settings)).toBe(true)
    expect(Object.isFrozen(config.rateLimits.seed)).toBe(true)
  })

  it.each([
    ['PORT', '99999', 'PORT must be a whole number from 0 to 65535, not "99999".'],
    ['PORT', '80 80', 'PORT must be a whole number from 0 to 65535, not "80 80".'],
    ['TRACE_QUEUE_LIMIT', 'many', 'TRACE_QUEUE_LIMIT must be a whole number from 0 to 1000000, not "many".'],
    [
      'TRACE_JOB_TTL_SECONDS',
      '-1',
      'TRACE_JOB_TTL_SECONDS must be a whole number from 1 to 31536000, not "-1".',
    ],
    [
      'TRACE_STREAM_BATCH_SIZE',
      '0',
      'TRACE_STREAM_BATCH_SIZE must be a whole number from 1 to 100000, not "0".',
    ],
    ['TRACE_ASYNC_ENABLED', 'yes', 'TRACE_ASYNC_ENABLED must be true or false, not "yes".'],
    ['TRACE_STATUS_NAMES', 'RQ', 'TRACE_STATUS_NAMES must be one of default, rq, not "RQ".'],
    [
      'TRUST_PROXY_HEADERS',
      'true',
      'TRUSTED_PROXY_IPS must name the proxies to trust when TRUST_PROXY_HEADERS is true.',
    ],
  ])('refuses %s=%s in one sentence', (name, value, sentence) => {
    expect(() => readConfig({ [name]: value })).toThrow(new Error(sentence))
  })

  it('believes the proxies it is told to', () => {
    const config = readConfig({ TRUST_PROXY_HEADERS: 'true', TRUSTED_PROXY_IPS: '10.0.0.1, 10.1.0.0/16' })
    expect(config.trustedProxies).toEqual(['10.0.0.1', '10.1.0.0/16'])
    expect(readConfig({ TRUSTED_PROXY_IPS: '10.0.0.1' }).trustedProxies).toEqual([])
  })
})

describe('.env.example', () => {
  it('names every variable', () => {
    for (const name of VARIABLES) expect(EXAMPLE, name).toMatch(new RegExp(`^#? ?${name}=`, 'm'))
  })

  it('sets each to its default', () => {
    expect(readConfig(EXAMPLE_ENVIRONMENT)).toEqual(readConfig({}))
  })
})
