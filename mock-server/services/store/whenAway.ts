import { isTraceError } from '../../../src/errors.js'

/** Whether the shared store cannot be reached: no reason to fail where there is another way. */
export function isAway(cause: unknown): boolean {
  return isTraceError(cause) && cause.code === 'STORE_UNAVAILABLE'
}

/** What `ask` finds, or `otherwise` finds when the shared store cannot be reached. */
export async function whenAway<T>(ask: () => Promise<T>, otherwise: () => Promise<T> | T): Promise<T> {
  try {
    return await ask()
  } catch (cause) {
    if (!isAway(cause)) throw cause
    return otherwise()
  }
}
