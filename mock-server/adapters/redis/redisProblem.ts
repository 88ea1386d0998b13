import { connectRedis, type RedisClient, type RedisSettings } from './connectRedis.js'
import { redisQueueNames } from './RedisQueueNames.js'

/** What Redis answers, as its client gives it. */
interface Refusal extends Error {
  command?: { name: string }
  /** What a node of a cluster answered. */
  lastNodeError?: Refusal
}

/**
 * Why this Redis can never be used as it is set up, in a sentence for the operator: its user, its database, a right that
 * is missing. `null`: it can be used, or it is away and cannot be asked.
 */
export async function redisProblem(settings: RedisSettings): Promise<string | null> {
  const refusals: Refusal[] = []
  const client = connectRedis(settings, 'once')
  for (const event of ['error', 'node error']) {
    client.on(event, (cause: Refusal) => refusals.push(cause.lastNodeError ?? cause))
  }
  try {
    const missing = await missingRights(client, settings)
    const isStranger = refusals.some(({ message }) => /^(WRONGPASS|NOAUTH) /.test(message))
    if (isStranger) return 'Redis refuses the user or password of REDIS_URL.'
    const unselected = refusals.find(({ command }) => command?.name === 'select')
    if (unselected) return `Redis does not give the database of REDIS_URL: ${unselected.message}.`
    // A cluster that does not tell its slots answers nothing else.
    if (refusals.some(({ message }) => message.startsWith('NOPERM '))) missing.push('CLUSTER SLOTS')
    if (missing.length === 0) return null
    return `The user of REDIS_URL lacks rights in Redis (${missing.join(', ')}): docs/operations.md names all it needs.`
  } finally {
    client.disconnect()
  }
}

type Try = [right: string, run: () => Promise<unknown>]

/** Tries one thing of each kind. What fails for another reason is not missing. */
async function missingRights(
  client: RedisClient,
  { prefix, queueName, clusterNodes }: RedisSettings,
): Promise<string[]> {
  const { bullPrefix, cancelChannel } = redisQueueNames(prefix, queueName)
  const tries: Try[] = [
    ['INFO', () => client.info('memory')],
    ['TIME', () => client.time()],
    ['scripts', () => client.eval('return 1', 0)],
    [`keys ${prefix}:*`, () => client.set(`${prefix}:trace:check`, '', 'PX', 1)],
    [`keys ${bullPrefix}:*`, () => client.set(`${bullPrefix}:check`, '', 'PX', 1)],
    [`channels ${prefix}:*`, () => client.publish(cancelChannel, '')],
    ...(clusterNodes.length > 0 ? [['CLUSTER INFO', () => client.cluster('INFO')] as Try] : []),
    // Last: a connection that listens may do little else.
    ['SUBSCRIBE', () => client.subscribe(cancelChannel)],
  ]
  const missing: string[] = []
  for (const [right, run] of tries) {
    const problem = await run().then(
      () => '',
      (cause: Error) => cause.message,
    )
    if (problem.startsWith('NOPERM ')) missing.push(right)
  }
  return missing
}
