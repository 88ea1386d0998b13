import { toHex } from './hashKey.js'

/** Ids that cannot be guessed: 128 random bits. */
export const newJobId = () => `trace-evt-${randomHex()}`
export const newRunId = () => `trace-run-${randomHex()}`
export const newLineageId = () => `trace-lin-${randomHex()}`
/** A caller's claim on a job. */
export const newTicket = () => randomHex()

function randomHex(): string {
  return toHex(crypto.getRandomValues(new Uint8Array(16)))
}
