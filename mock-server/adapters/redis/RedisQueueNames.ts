/** What servers and workers must agree on to meet. */
export interface RedisQueueNames {
  /** BullMQ's key prefix: a hash tag, so that all keys of the queue lie on one node of a cluster. */
  bullPrefix: string
  queueName: string
  /** Names of jobs to cancel are published here. */
  cancelChannel: string
  /** Places of workers, with the time until which they count as alive. */
  workersKey: string
}

/** @param prefix what all keys begin with, without braces */
export function redisQueueNames(prefix: string, queueName: string): RedisQueueNames {
  const bullPrefix = `{${prefix}:trace}`
  return {
    bullPrefix,
    queueName,
    cancelChannel: `${prefix}:trace:cancel:${queueName}`,
    workersKey: `${bullPrefix}:${queueName}:workers`,
  }
}
