import { isIP } from 'node:net'
import type { Request } from 'express'
import { ipKeyGenerator } from 'express-rate-limit'

/**
 * The client's address: what trusted proxies say, else the peer of the connection. For IPv6 it is the network, since one
 * client has a whole network of addresses.
 *
 * Some proxies add ports (`203.0.113.9:51234`, `[2001:db8::1]:443`); they are cut off, or every connection would be an
 * address of its own. An entry that is no address, such as `unknown`, counts as the proxy's.
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
