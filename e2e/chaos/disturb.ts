import type { TestRedis } from '../../mock-server/testing/startTestRedis.js'
import type { Random } from './createRandom.js'
import { signal, type Stack } from './startStack.js'

/** Something that happens at a moment of a run. */
export interface Disturbance {
  atMs: number
  what: string
  happen: () => Promise<void>
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/**
 * What happens to the workers and, if there is one to restart, to Redis, in the first `forMs`. At most two
 * disturbances may cost a worker its job (three would rightly fail it); any number may not.
 *
 * @param killed how often a job is to lose its worker besides
 */
export function planDisturbances(
  random: Random,
  stack: Pick<Stack, 'workers'>,
  redis: readonly TestRedis[],
  forMs: number,
  killed: number,
): Disturbance[] {
  const plan: Disturbance[] = []
  function add(what: string, happen: () => Promise<void>) {
    plan.push({ atMs: random.between(500, forMs), what, happen })
  }
  function someWorker(act: (pid: number) => Promise<void>) {
    const choice = random.between(0, 1)
    return async () => {
      const pids = stack.workers()
      const pid = pids[Math.floor(choice * pids.length)]
      if (pid !== undefined) await act(pid)
    }
  }
  function pausing(ms: number) {
    return someWorker(async (pid) => {
      signal(pid, 'SIGSTOP')
      await pause(ms)
      signal(pid, 'SIGCONT')
    })
  }

  const lethal = (redis.length > 0 ? 1 : 2) - killed
  for (let n = 0; n < lethal; n++) {
    const longMs = random.whole(6_000, 9_000)
    if (random.whole(0, 1) === 0)
      add(
        'kill a worker',
        someWorker(async (pid) => signal(pid, 'SIGKILL')),
      )
    else add(`pause a worker for ${longMs} ms`, pausing(longMs))
  }
  for (let n = random.whole(1, 3); n > 0; n--) {
    const shortMs = random.whole(100, 1_500)
    if (random.whole(0, 1) === 0)
      add(
        'restart a worker',
        someWorker(async (pid) => signal(pid, 'SIGTERM')),
      )
    else add(`pause a worker for ${shortMs} ms`, pausing(shortMs))
  }
  for (let n = redis.length > 0 ? random.whole(1, 2) : 0; n > 0; n--) {
    const node = random.oneOf(redis)
    const how = random.oneOf(['SIGTERM', 'SIGKILL'] as const)
    const downMs = random.whole(50, 2_500)
    add(`end Redis by ${how} for ${downMs} ms`, async () => {
      await node.stop(how)
      await pause(downMs)
      await node.start()
    })
  }
  return plan.sort((a, b) => a.atMs - b.atMs)
}
