import type { JobMeter } from '../../ports/JobMeter.js'
import { COMMIT_BUCKETS_SECONDS, METRIC } from '../../runtime/metricNames.js'
import type { RedisClient } from './connectRedis.js'

const FLUSH_EVERY_MS = 2_000

/** A name and its labels, as the meter writes them. */
const SAMPLE = /^\w+(\{\w+="[\w.+]+"\})?$/

const keyOf = (prefix: string) => `${prefix}:trace:metrics`

/** Counts of this process that are added to those of all others, every two seconds. */
export function createSharedMeter({ redis, prefix }: { redis: RedisClient; prefix: string }) {
  let counts = new Map<string, number>()
  const timer = setInterval(() => void flush(), FLUSH_EVERY_MS)
  timer.unref()

  function add(name: string, by: number) {
    counts.set(name, (counts.get(name) ?? 0) + by)
  }

  /** What cannot be told now is kept, and told with the next. */
  async function flush() {
    const telling = counts
    counts = new Map()
    for (const [name, by] of telling) {
      await redis.hincrbyfloat(keyOf(prefix), name, by).catch(() => add(name, by))
    }
  }

  const meter: JobMeter = {
    committed(tookMs) {
      const seconds = tookMs / 1000
      const { name } = METRIC.commits
      for (const le of COMMIT_BUCKETS_SECONDS) if (seconds <= le) add(`${name}_bucket{le="${le}"}`, 1)
      add(`${name}_bucket{le="+Inf"}`, 1)
      add(`${name}_sum`, seconds)
      add(`${name}_count`, 1)
    },
    ended: (state) => add(`${METRIC.ended.name}{state="${state}"}`, 1),
  }

  return {
    ...meter,
    async close() {
      clearInterval(timer)
      await flush()
    },
  }
}

/** What all processes have counted, in Prometheus's words. */
export async function readSharedMeter({
  redis,
  prefix,
}: {
  redis: RedisClient
  prefix: string
}): Promise<string> {
  const stored = Object.entries(await redis.hgetall(keyOf(prefix)))
  // One line that is none would cost Prometheus all of them.
  const counts = stored.filter(([sample, value]) => SAMPLE.test(sample) && /^\d+(\.\d+)?$/.test(value))
  const samplesOf = (name: string) =>
    counts.filter(([sample]) => sample.startsWith(name)).map(([sample, value]) => `${sample} ${value}\n`)
  return [
    `# HELP ${METRIC.commits.name} ${METRIC.commits.help}\n# TYPE ${METRIC.commits.name} histogram\n`,
    ...samplesOf(METRIC.commits.name).sort(inBucketOrder),
    `# HELP ${METRIC.ended.name} ${METRIC.ended.help}\n# TYPE ${METRIC.ended.name} counter\n`,
    ...samplesOf(METRIC.ended.name),
  ].join('')
}

function inBucketOrder(a: string, b: string): number {
  return boundOf(a) - boundOf(b)
}

function boundOf(sample: string): number {
  const le = /le="([^"]+)"/.exec(sample)?.[1]
  return le === undefined ? Infinity : le === '+Inf' ? Number.MAX_VALUE : Number(le)
}
