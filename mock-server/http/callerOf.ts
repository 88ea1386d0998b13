import type { Asker } from '../services/TraceDeps.js'
import type { Edge } from './Endpoint.js'
import { wantsFresh } from './preferences.js'

export function askerOf(request: Request, { owner }: Edge): Asker {
  return { owner, signal: request.signal, fresh: wantsFresh(request) }
}
