import { describeQuestionIndex } from '../contracts/questionIndex.contract.js'
import { createRedisQuestionIndex } from './createRedisQuestionIndex.js'
import { ageKeys, describeWithRedis, useTestRedis } from '../../testing/testRedis.js'

describeWithRedis('QuestionIndex on Redis', () => {
  const fixture = useTestRedis()

  describeQuestionIndex('redis', () => ({
    index: createRedisQuestionIndex({ redis: fixture.redis, prefix: fixture.freshPrefix() }),
    advance: (ms) => ageKeys(fixture.admin, ms),
  }))
})
