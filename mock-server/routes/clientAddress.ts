import { isIP } from 'node:net'
import type { Request } from 'express'
import { ipKeyGenerator } from 'express-rate-limit'

/**
 * Where a request comes from: what trusted proxies say, else the other end of its connection. Of IPv6 the network, since
 * a client there has more addresses than anybody can count.
 *
 * Some proxies write ports (`203.0.113.9:51234`, `[2001:db8::1]:443`), which make an address of every connection. What
 * is no address at all, such as `unknown`, is taken for the proxy's.
 */
export function clientAddress(req: Request): string {
  const forwarded = req.headers['x-forwarded-for']
  if (typeof forwarded === 'string') {
    req.headers['x-forwarded-for'] = forwarded.split(',').map(withoutPort).join(', ')
  }
  const { ip = '' } = req
  return ipKeyGenerator(isIP(ip) ? ip : (req.socket.remoteAddress ?? ''))
}

function withoutPort(entry: string): string {
  const address = entry.trim().replace(/^"(.*)"$/, '$1')
  return /^\[([\da-f:.]+)\](?::\d+)?$/i.exec(address)?.[1] ?? /^([\d.]+):\d+$/.exec(address)?.[1] ?? address
}
