import type { Caller } from '../ports/TraceDeps.js'
import type { Edge } from './Endpoint.js'
import { wantsFresh } from './preferences.js'

export function callerOf(request: Request, { owner }: Edge): Caller {
  return { owner, signal: request.signal, fresh: wantsFresh(request) }
}
