import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** A port that leads to another one, as a name does that can move: new connections follow it, old ones stay. */
export async function startForwarder(port: number) {
  let target = port
  const sockets = new Set<Socket>()
  const server = createServer((near) => {
    const far = connect(target, '127.0.0.1')
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from)
      from.pipe(to)
      from.once('close', () => to.destroy())
      from.on('error', () => {})
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))

  return {
    port: (server.address() as AddressInfo).port,
    moveTo(port: number) {
      target = port
    },
    /** What is connected stays so, and hears nothing any more: as when a machine goes without a word. */
    silence() {
      for (const socket of sockets) socket.unpipe().resume()
    },
    async close() {
      const closed = new Promise((resolve) => server.close(resolve))
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}
