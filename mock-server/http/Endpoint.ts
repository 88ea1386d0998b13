import type { TraceServices } from '../services/createTraceServices.js'
import type { BodyReader } from './createBodyReader.js'
import type { StatusNames } from './statusNames.js'

/** What an endpoint knows beside the request. */
export interface Edge {
  /** The caller's name; see `identify`. */
  owner: string
  statusNames: StatusNames
  bodies: BodyReader
}

/** Answers one kind of request. A thrown `TraceError` becomes the error envelope. */
export type Endpoint<TParam extends string = never> = (
  request: Request,
  params: Record<TParam, string>,
  services: TraceServices,
  edge: Edge,
) => Promise<Response>
