import type { MessagePort } from 'node:worker_threads'
import type { Commit, JobList, ResultLog, StoredChunk } from '../../ports/index.js'
import { fromFacts } from './errorFacts.js'
import {
  LOG_METHODS,
  type Call,
  type ErrorFacts,
  type NextChunk,
  type MainThread,
  type Reply,
  type Warning,
} from './messages.js'

interface Pending {
  resolve: (value: never) => void
  reject: (error: Error) => void
}

/** The main thread, called through `port`; `onAbort` hears when the attempt is to stop. */
export function connectMainThread(port: MessagePort, onAbort: (reason: ErrorFacts) => void): MainThread {
  const pending = new Map<number, Pending>()
  let lastId = 0

  port.on('message', (reply: Reply) => {
    if ('abort' in reply) return onAbort(reply.abort)
    const { resolve, reject } = pending.get(reply.id)!
    pending.delete(reply.id)
    if ('error' in reply) reject(fromFacts(reply.error))
    else resolve(reply.value as never)
  })

  function send<T>(call: Call['call'], args: unknown[]): Promise<T> {
    const id = ++lastId
    return new Promise<T>((resolve, reject) => {
      pending.set(id, { resolve, reject })
      // Rows are handed over, not copied: they are not needed here any more.
      port.postMessage({ id, call, args } as Call, call === 'commit' ? buffersOf(args[2] as Commit) : [])
    })
  }

  async function* readJobList(jobId: string, list: JobList) {
    yield* readList(await send<number>('openJobList', [jobId, list]))
  }

  const methods = LOG_METHODS.map((method) => [method, (...args: unknown[]) => send(method, args)])
  return {
    log: {
      ...(Object.fromEntries(methods) as Pick<ResultLog, (typeof LOG_METHODS)[number]>),
      list: readJobList,
    },
    store: {
      async get(key) {
        const handle = await send<number | null>('openList', [key])
        return handle === null ? null : readList(handle)
      },
    },
    warn: (message) => port.postMessage({ warn: message } satisfies Warning),
  }

  async function* readList(handle: number): AsyncGenerator<StoredChunk> {
    try {
      for (;;) {
        const chunk = await send<NextChunk>('nextChunk', [handle])
        if (chunk === null) return
        yield chunk
      }
    } finally {
      await send('closeList', [handle])
    }
  }
}

function buffersOf({ entries, lists }: Commit): ArrayBuffer[] {
  const chunks = [...entries, ...lists].flatMap((part) => ('chunk' in part ? [part.chunk] : []))
  return chunks.map(({ bytes }) => bytes.buffer as ArrayBuffer)
}
