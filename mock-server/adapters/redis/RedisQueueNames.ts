import { JOB_FORMAT } from '../../ports/ResultLog.js'

/** What servers and workers must agree on to meet. */
export interface RedisQueueNames {
  /** BullMQ's key prefix: a hash tag, so that all keys of the queue lie on one node of a cluster. */
  bullPrefix: string
  queueName: string
  /** Where small jobs wait. */
  smallQueueName: string
  /** Where jobs of the first format wait: those of before an update. */
  firstQueueName: string
  /** Names of jobs to cancel are published here. */
  cancelChannel: string
  /** Places of workers, with the time until which they count as alive. */
  workersKey: string
  /** The same of workers that know the first format only. */
  firstWorkersKey: string
}

/**
 * Each format of jobs has a queue of its own: a worker takes only what it can go on with, whichever is updated first.
 *
 * @param prefix what all keys begin with, without braces
 * @param name the queue as it is configured; that of the first format
 */
export function redisQueueNames(prefix: string, name: string): RedisQueueNames {
  const bullPrefix = `{${prefix}:trace}`
  const queueName = `${name}-${JOB_FORMAT}`
  return {
    bullPrefix,
    queueName,
    smallQueueName: `${queueName}-small`,
    firstQueueName: name,
    cancelChannel: `${prefix}:trace:cancel:${name}`,
    workersKey: `${bullPrefix}:${queueName}:workers`,
    firstWorkersKey: `${bullPrefix}:${name}:workers`,
  }
}
