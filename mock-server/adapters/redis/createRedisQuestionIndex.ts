import type { QuestionIndex } from '../../ports/index.js'
import { JOB_FORMAT } from '../../ports/ResultLog.js'
import type { RedisClient } from './connectRedis.js'
import { defineScript } from './defineScript.js'
import { isJobId } from './jobKeys.js'
import { withStore } from './toStoreError.js'

/** Questions of all servers on one Redis that know the same format: no question is answered by a job that cannot be read. */
export function createRedisQuestionIndex(options: { redis: RedisClient; prefix: string }): QuestionIndex {
  const { redis, prefix } = options
  const claim = defineScript(redis, 'claimQuestion')
  const keyOf = (question: string) => `${prefix}:trace:question:${JOB_FORMAT}:${encodeURIComponent(question)}`

  return {
    async find(question) {
      const jobId = await withStore(() => redis.get(keyOf(question)))
      // Anything else is no job, and is replaced by the next.
      return jobId !== null && isJobId(jobId) ? jobId : null
    },
    claim: (question, jobId, instead, ttlSeconds) =>
      withStore(async () => {
        const args = { jobId, instead: instead ?? undefined, ttlMs: ttlSeconds * 1000 }
        return (await claim([keyOf(question)], args)) as string
      }),
  }
}
