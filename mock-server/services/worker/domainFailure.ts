import { toTraceError } from '../../../src/errors.js'
import { reasonsOf } from '../source/reasonsOf.js'
import type { DomainWriter, LogWriter } from './createLogWriter.js'

/** What a source did wrong, told from everything else: it fails the domain, not the job. */
export class DomainFailure extends Error {}

/** Takes back a domain whose source has failed. */
export async function failDomain(
  { writer, warn }: { writer: LogWriter; warn: (message: string) => void },
  domain: DomainWriter,
  name: string,
  { message, cause }: DomainFailure,
) {
  warn(`Domain ${name} failed: ${cause === undefined ? message : reasonsOf(cause)}`)
  domain.fail(toTraceError(cause, 'EVENTS_PARTIAL_FAILURE').code)
  await writer.commit()
}
