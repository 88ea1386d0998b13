import { once } from 'node:events'
import type { Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { resetConnection } from './routes/sendResponse.js'

export interface Connections {
  /**
   * Closes the server: connections without a request end at once, others once they are answered, or with a reset after
   * `ms`. Node's own `close` waits for all of them, and takes one that has sent nothing, or half a request, for busy.
   */
  close: (ms: number) => Promise<void>
  /** Resets every connection, so that what is cut off is not taken for whole. */
  reset: () => void
}

/** Knows what a server's connections are doing, from its start on. */
export function trackConnections(server: Server): Connections {
  const sockets = new Set<Socket>()
  const answers = new Set<ServerResponse>()
  let isClosing = false

  function endIfIdle(socket: Socket) {
    for (const { req } of answers) if (req.socket === socket) return
    // After what is still to be sent.
    socket.destroySoon()
  }

  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  server.prependListener('request', ({ socket }, answer) => {
    answers.add(answer)
    answer.once('close', () => {
      answers.delete(answer)
      if (isClosing) endIfIdle(socket)
    })
  })

  const reset = () => sockets.forEach(resetConnection)
  return {
    async close(ms) {
      isClosing = true
      const closed = once(server, 'close')
      server.close()
      for (const answer of answers) if (!answer.headersSent) answer.setHeader('Connection', 'close')
      for (const socket of sockets) endIfIdle(socket)
      const timer = setTimeout(reset, ms)
      await closed
      clearTimeout(timer)
    },
    reset,
  }
}
