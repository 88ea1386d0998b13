import type { QuestionIndex } from '../../ports/index.js'
import type { RedisClient } from './connectRedis.js'
import { defineScript } from './defineScript.js'
import { isJobId } from './jobKeys.js'
import { withStore } from './toStoreError.js'

/** KEYS: the question. ARGV: job, the job it may replace or '', ms to live. Gives the job that holds it now. */
const CLAIM = /* lua */ `
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[2] then return holder end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[3])
return ARGV[1]
`

/** Questions of all servers on one Redis. */
export function createRedisQuestionIndex(options: { redis: RedisClient; prefix: string }): QuestionIndex {
  const { redis, prefix } = options
  const claim = defineScript(redis, 'traceClaim', CLAIM)
  const keyOf = (question: string) => `${prefix}:trace:question:${encodeURIComponent(question)}`

  return {
    async find(question) {
      const jobId = await withStore(() => redis.get(keyOf(question)))
      // Anything else is no job, and is replaced by the next.
      return jobId !== null && isJobId(jobId) ? jobId : null
    },
    claim: (question, jobId, instead, ttlSeconds) =>
      withStore(
        async () => (await claim([keyOf(question)], [jobId, instead ?? '', ttlSeconds * 1000])) as string,
      ),
  }
}
