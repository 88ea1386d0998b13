import { signal, type Stack } from './startStack.js'

/**
 * While seeds come, while they are traced, while figures are made, and while rows are fetched. In this order the first
 * and the third are tried while Redis is left alone: a restart of Redis could let their moments pass.
 */
export const RUN_STAGES = ['seeds', 'lineage', 'figures', 'events'] as const
export type RunStage = (typeof RUN_STAGES)[number]

const GIVE_UP_AFTER_MS = 60_000

interface Line {
  type: string
  domain?: string
  batch?: number
  phase?: string
  code?: string
}

/**
 * Follows a whole question and kills all workers the moment its log says that it has come to `stage`: which worker has
 * it is not told. Every job loses its worker once.
 */
export async function killAllIn(
  stack: Pick<Stack, 'url' | 'workers'>,
  followUrl: string,
  stage: RunStage,
  say: (text: string) => void,
): Promise<void> {
  let open = new Set<string>()
  let hasRows = false
  let ended = false

  function isReached({ type, domain = '', batch = 0, phase, code }: Line): boolean {
    if (type === 'complete') ended = true
    if (type === 'error') say(`the log ends for now with ${code}`)
    if (type === 'domain_start') open.add(domain)
    if (type === 'domain_end') open.delete(domain)
    if (type === 'reset') open = new Set()
    const isEvents = domain !== 'seeds' && domain !== 'detections'
    if (type === 'records' && isEvents) hasRows = true
    switch (stage) {
      case 'seeds':
        return type === 'records' && domain === 'seeds'
      case 'lineage':
        return phase === 'lineage' || (type === 'domain_end' && domain === 'seeds')
      case 'events':
        return type === 'records' && isEvents && batch >= 2
      case 'figures':
        return phase === 'aggregating' || (type === 'domain_end' && hasRows && open.size === 0)
    }
  }

  const giveUpAt = Date.now() + GIVE_UP_AFTER_MS
  while (!ended && Date.now() < giveUpAt) {
    const left = new AbortController()
    try {
      const response = await fetch(new URL(followUrl, stack.url), { signal: left.signal })
      const decoder = new TextDecoder()
      let text = ''
      for await (const bytes of response.body ?? []) {
        text += decoder.decode(bytes as Uint8Array, { stream: true })
        const lines = text.split('\n')
        text = lines.pop()!
        // All that came at once is read: the end may be among it.
        const reached = lines.map((line) => isReached(JSON.parse(line) as Line)).includes(true)
        if (!reached) continue
        for (const pid of stack.workers()) signal(pid, 'SIGKILL')
        say(`kill all workers in stage ${stage}${ended ? ', which is over' : ''}`)
        return
      }
    } catch {
      // Redis is away: the log is read anew.
    } finally {
      left.abort()
    }
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  say(`no worker was killed in stage ${stage}`)
}
