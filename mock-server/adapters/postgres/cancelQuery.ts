import { connect } from 'node:net'

/** What a client of `pg` knows of its connection. */
export interface Backend {
  host: string
  port: number
  processID: number | null
  secretKey: number | null
}

const CANCEL_REQUEST = 80_877_102
/** PostgreSQL answers a cancel by closing the connection. */
const PATIENCE_MS = 5_000

/**
 * Ends what a connection's query is doing, by a request on a connection of its own, as `psql` does on Ctrl-C. Where it
 * does not get through, PostgreSQL ends the query when it sees that the client has gone.
 *
 * @see https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-CANCELING-REQUESTS
 */
export function cancelQuery({ host, port, processID, secretKey }: Backend) {
  if (processID === null || secretKey === null) return
  const socket = host.startsWith('/') ? connect(`${host}/.s.PGSQL.${port}`) : connect(port, host)
  const request = Buffer.alloc(16)
  for (const [i, number] of [request.length, CANCEL_REQUEST, processID, secretKey].entries()) {
    request.writeInt32BE(number, i * 4)
  }
  socket.on('error', () => {})
  socket.setTimeout(PATIENCE_MS, () => socket.destroy())
  socket.end(request)
}
