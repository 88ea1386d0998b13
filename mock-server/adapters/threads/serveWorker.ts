import type { MessagePort } from 'node:worker_threads'
import type { BatchStore, ResultLog, StoredChunk } from '../../ports/index.js'
import { toFacts } from './errorFacts.js'
import type { Call, NextChunk, Reply, Warning } from './messages.js'

export interface ServedParts {
  log: ResultLog
  store: BatchStore
  warn: (message: string) => void
}

/** Answers a worker's calls with the main thread's stores, until the port closes. */
export function serveWorker(port: MessagePort, { log, store, warn }: ServedParts) {
  const lists = new Map<number, AsyncIterator<StoredChunk>>()

  function open(id: number, chunks: AsyncIterable<StoredChunk>): number {
    lists.set(id, chunks[Symbol.asyncIterator]())
    return id
  }

  async function openList(id: number, key: string): Promise<number | null> {
    const chunks = await store.get(key)
    return chunks && open(id, chunks)
  }

  async function nextChunk(handle: number): Promise<NextChunk> {
    const next = await lists.get(handle)?.next()
    return next && !next.done ? next.value : null
  }

  async function closeList(handle: number) {
    await lists.get(handle)?.return?.()
    lists.delete(handle)
  }

  async function answer({ id, call, args }: Call): Promise<unknown> {
    switch (call) {
      case 'openList':
        return openList(id, args[0])
      case 'openJobList':
        return open(id, log.list(...args))
      case 'nextChunk':
        return nextChunk(args[0])
      case 'closeList':
        return closeList(args[0])
      default: {
        // The worker's side of this is typed as the log itself.
        const method = log[call] as (...args: unknown[]) => Promise<unknown>
        return method(...args)
      }
    }
  }

  port.on('message', (message: Call | Warning) => {
    if ('warn' in message) return warn(message.warn)
    const reply = (answered: Reply) => port.postMessage(answered)
    answer(message).then(
      (value) => reply({ id: message.id, value }),
      (cause: unknown) => reply({ id: message.id, error: toFacts(cause) }),
    )
  })
}
