import { TraceError } from '../../errors.js'

/**
 * A part of this package that a page loads only when it is needed. One that did not come is asked for again the
 * next time.
 *
 * @throws {TraceError} `NETWORK_ERROR`: the network is away, or a new release has replaced the file
 */
export async function loadPart<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load()
  } catch (cause) {
    throw new TraceError('NETWORK_ERROR', 'A part of the program of this page could not be loaded', { cause })
  }
}
