import { actOut } from '../contracts/actOut.js'
import type { MainThread } from './messages.js'
import { runJobThread } from './runJobThread.js'

/** The entry of the threads that the queue's contract is run with. */
await runJobThread(async (attempt, { log, store, warn }) => {
  if (attempt.jobId.startsWith('greedy')) {
    warn('takes all there is')
    return devour()
  }
  if (attempt.jobId.startsWith('reader')) return readAll(attempt.jobId, { log, store, warn })
  return actOut(attempt, log)
})

/** Takes memory until there is no more. */
function devour() {
  const hoard: string[][] = []
  for (;;) hoard.push(Array.from({ length: 10_000 }, (_, i) => `${i} of ${hoard.length}`))
}

/** Writes what it finds in a list of its own name to the log, as rows. */
async function readAll(jobId: string, { log, store, warn }: MainThread) {
  const { lease } = await log.open(jobId)
  let seq = 1
  for await (const chunk of (await store.get(jobId)) ?? []) {
    seq += 1
    const { textBytes } = chunk
    const entry = {
      seq,
      domain: 'history',
      type: 'records',
      batch: seq - 2,
      count: 1,
      textBytes,
      chunk,
    } as const
    const progress = { phase: 'fetching', currentDomain: 'history', cidsDone: seq } as const
    const lists = [{ list: 'seeds', chunk: { ...chunk, bytes: chunk.bytes.slice() } }] as const
    await log.commit(jobId, lease, { entries: [entry], lists: [...lists], checkpoints: new Map(), progress })
  }
  // What it has just put there comes back.
  let total = 0
  for await (const chunk of log.list(jobId, 'seeds')) total += chunk.textBytes
  warn(`${total} bytes of seeds`)
  await log.finish(jobId, lease, { state: 'completed', aggregation: null })
}
