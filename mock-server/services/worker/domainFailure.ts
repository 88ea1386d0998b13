import { toTraceError } from '../../../src/errors.js'
import { reasonsOf } from '../source/reasonsOf.js'
import type { Row } from '../../ports/index.js'
import type { DomainWriter, LogWriter } from './createLogWriter.js'
import { packRows, type RowText } from './packRows.js'

/** What a source did wrong, told from everything else: it fails the domain, not the job. */
export class DomainFailure extends Error {}

/** Packs rows as they came from a source, which may be no rows. @throws {DomainFailure} */
export function packOrFail(rows: readonly Row[], mostRows: number): RowText[] {
  if (!Array.isArray(rows)) throw new DomainFailure('the source gave a page without rows')
  try {
    return packRows(rows, mostRows)
  } catch (cause) {
    // Such as a BigInt.
    throw new DomainFailure('the source gave rows that are no JSON', { cause })
  }
}

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
