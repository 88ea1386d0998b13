import { readFileSync } from 'node:fs'
import express from 'express'
import { describe, expect, it } from 'vitest'
import { readConfig, VARIABLES } from './config.js'

const EXAMPLE = readFileSync(new URL('../.env.example', import.meta.url), 'utf8')

/** The variables that `.env.example` sets. */
const EXAMPLE_ENVIRONMENT: Record<string, string> = Object.fromEntries(
  [...EXAMPLE.matchAll(/^([A-Z_]+)=(.*)$/gm)].map(([, name, value]) => [name, value]),
)

/** Numbers of which none is a choice too. */
const MAY_BE_ZERO = new Set([
  'TRACE_BODY_BUDGET_MB',
  ...['TRACE_ASYNC_CID_THRESHOLD', 'EVENT_FETCHER_CACHE_SKIP_CID_THRESHOLD', 'TRACE_CACHE_TTL_SECONDS'],
  ...[
    'TRACE_QUEUE_LIMIT',
    'TRACE_SMALL_QUESTION_LIMIT',
    'TRACE_MEMORY_GUARD_MB',
    'TRACE_WORKER_COUNT',
    'TRACE_SYNTHETIC_DELAY_MS',
  ],
  'TRACE_REDIS_BUDGET_MB',
])

describe('the configuration', () => {
  it('has a default for everything', () => {
    expect(readConfig({})).toMatchObject({
      host: '127.0.0.1',
      port: 8787,
      statusNames: 'default',
      workerCount: 2,
      memoryLimitMb: 512,
      bodies: { maxBytes: 64 * 2 ** 20, budgetBytes: 128 * 2 ** 20, timeoutMs: 60_000 },
      trustedProxies: [],
      rateLimits: {
        seed: { maxRequests: 10, windowSeconds: 60 },
        job: { maxRequests: 60, windowSeconds: 60 },
      },
      settings: {
        asyncEnabled: true,
        asyncCidThreshold: 20_000,
        eventsCidLimit: 50_000,
        runCidLimit: 500_000,
        cacheCidLimit: 10_000,
        cacheTtlSeconds: 300,
        jobTtlSeconds: 3_600,
        jobTimeoutSeconds: 1_800,
        streamBatchSize: 5_000,
        idBatchSize: 1_000,
        sourceConcurrency: 4,
        queueLimit: 100,
        smallQuestionLimit: 1_000,
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
    ['PORT', '80\n90', 'PORT must be a whole number from 0 to 65535, not "80\\n90".'],
    ['TRACE_ASYNC_ENABLED', 'yes', 'TRACE_ASYNC_ENABLED must be true or false, not "yes".'],
    [
      'TRACE_BODY_BUDGET_MB',
      '63',
      'TRACE_BODY_BUDGET_MB must be at least TRACE_BODY_LIMIT_MB (64), not "63".',
    ],
    ['TRACE_STATUS_NAMES', 'RQ', 'TRACE_STATUS_NAMES must be one of default, rq, not "RQ".'],
    [
      'TRUST_PROXY_HEADERS',
      'true',
      'TRUSTED_PROXY_IPS must name the proxies to trust when TRUST_PROXY_HEADERS is true.',
    ],
    [
      'TRUSTED_PROXY_IPS',
      '10.0.0.0/33',
      'TRUSTED_PROXY_IPS must be addresses, networks such as 10.0.0.0/8, loopback, linklocal or uniquelocal, with commas between, not "10.0.0.0/33".',
    ],
  ])('refuses %s=%s in one sentence', (name, value, sentence) => {
    expect(() => readConfig({ [name]: value })).toThrow(new Error(sentence))
  })

  const NUMBERS = ['-1', '1.5', '1e3', '0x10', 'many', '5 s', '9'.repeat(20), '٣']
  const FLAGS = ['yes', 'TRUE', '2', 'on']
  const LIMITS = ['0', ...NUMBERS]
  /** What no variable of this name may be. */
  const BAD: Record<string, string[]> = {
    HOST: ['localhost:8787', 'http://localhost', 'my host', '[::1]', 'a/b', '*'],
    PORT: ['65536', ...NUMBERS],
    NODE_ENV: ['in production', 'production;'],
    LOG_LEVEL: ['verbose', 'INFO', '30'],
    TRUST_PROXY_HEADERS: FLAGS,
    TRUSTED_PROXY_IPS: [
      ...['10.0.0.0/33', '10.0.0.0/0', '10.0.0.0/', '10.0.0.1;10.0.0.2', '10.0.0.1 10.0.0.2', 'nginx', '10'],
      ...['256.0.0.1', '::1/129', '::g', 'fe80::1%eth0', '10.0.0.1:80', '10.0.0.0/255.0.0.0', 'true'],
    ],
    TRACE_ALLOWED_HOSTS: ['https://mes.example', 'mes.example:8787', 'a b', '*', 'a;b', '[::1]'],
    TRACE_ALLOWED_ORIGINS: [
      ...[
        'mes.example',
        'https://mes.example/app',
        'ftp://mes.example',
        'https://a@b',
        'null',
        'https://*.a',
      ],
      ...[
        '*, https://mes.example',
        'https://a;https://b',
        'https://',
        'https://mes.example:x',
        'https://a?b',
      ],
    ],
    METRICS_PUBLIC: FLAGS,
    TRACE_ASYNC_ENABLED: FLAGS,
    TRACE_STATUS_NAMES: ['RQ', 'original'],
    REDIS_URL: [
      ...[
        'localhost:6379',
        'http://localhost',
        'redis://',
        'redis:///0',
        'redis://h:99999',
        'redis://a b',
        'x',
      ],
      ...[
        'redis://h/99x',
        'redis://h/-1',
        'redis://h/abc',
        'redis://h/1/2',
        'redis://h/1?db=2',
        'redis://h?a',
      ],
      ...['redis://:SECRET#s@h:6379/0', 'redis://u:12/SECRET@h:6379/0', 'redis://u:SECRET/s@h:6379/0'],
      ...[
        'redis://u:12?SECRET@h:6379',
        'redis://u:SECRET%s@h',
        'redis://u:SECRET%@h',
        'redis://u:12#SECRET@h',
      ],
    ],
    REDIS_CLUSTER_NODES: [
      'h',
      'h:',
      ':7000',
      'h:0',
      'h:65536',
      'h:1;h:2',
      'redis://u:SECRET@h:7000',
      'a b:1',
    ],
    REDIS_KEY_PREFIX: ['a b', '{a}', 'a'.repeat(65)],
    TRACE_WORKER_QUEUE: ['a b', 'a:b', '佇列', 'a'.repeat(65)],
    // Any text is a path; what lies there is looked at later.
    TRACE_CONFIG: [],
    TRACE_SOURCE_DIR: [],
  }
  /** Of numbers: those that must be at least 1, and those that may be 0. */
  for (const name of VARIABLES) BAD[name] ??= MAY_BE_ZERO.has(name) ? NUMBERS : LIMITS

  it.each(Object.entries(BAD).flatMap(([name, values]) => values.map((value) => ({ name, value }))))(
    'refuses $name=$value in one sentence that names it',
    ({ name, value }) => {
      let message = ''
      try {
        readConfig({ [name]: value })
      } catch (cause) {
        message = (cause as Error).message
      }
      expect(message).toMatch(new RegExp(`^${name} must (be|name) [^\n]+\\.$`))
      expect(message).not.toContain('SECRET')
      expect(message).not.toContain('undefined')
    },
  )

  it.each([
    ['HOST', '::'],
    ['HOST', 'factory-1.example.'],
    ['TRUSTED_PROXY_IPS', 'loopback, linklocal,uniquelocal, 10.0.0.1, 10.0.0.0/8, fd00::/8, ::ffff:10.0.0.1'],
    ['TRACE_ALLOWED_HOSTS', 'mes.example, 10.0.0.5, ::1'],
    ['TRACE_ALLOWED_ORIGINS', '*'],
    ['TRACE_ALLOWED_ORIGINS', 'https://mes.example, http://localhost:5173/'],
    ['REDIS_URL', 'redis://localhost'],
    ['REDIS_URL', 'rediss://user:%23%2F%3F%25%40@redis.example:6380/15?family=6'],
    ['REDIS_URL', 'redis://:p@ss@[::1]:6379/'],
    ['REDIS_CLUSTER_NODES', 'a:7000, 10.0.0.1:7001, [::1]:7002'],
  ])('takes %s=%s', (name, value) => {
    expect(() => readConfig({ [name]: value })).not.toThrow()
  })

  it('knows no database but 0 in a cluster', () => {
    const nodes = { REDIS_CLUSTER_NODES: 'a:7000' }
    expect(() => readConfig({ ...nodes, REDIS_URL: 'redis://:SECRET@a/3' })).toThrow(
      new Error('REDIS_URL must name database 0, or none: a Redis Cluster has no other.'),
    )
    expect(readConfig({ ...nodes, REDIS_URL: 'redis://:s@a/0' }).redis?.clusterNodes).toEqual(['a:7000'])
  })

  it('has origins as browsers send them', () => {
    expect(readConfig({ TRACE_ALLOWED_ORIGINS: 'HTTPS://Mes.Example:443/' }).allowedOrigins).toEqual([
      'https://mes.example',
    ])
  })

  it('trusts only what Express can be told to trust', () => {
    for (const value of ['loopback', '10.0.0.1', '10.0.0.0/8', 'fd00::/8', '::ffff:10.0.0.0/104', '::1']) {
      const { trustedProxies } = readConfig({ TRUST_PROXY_HEADERS: 'true', TRUSTED_PROXY_IPS: value })
      expect(() => express().set('trust proxy', [...trustedProxies])).not.toThrow()
    }
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
