import { TraceError } from '../../errors.js'

/**
 * Loads a part of this package that a page needs only later. After a failure the next call loads it again.
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
