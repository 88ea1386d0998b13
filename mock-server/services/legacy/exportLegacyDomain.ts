import { TraceError } from '../../../src/errors.js'
import type { LegacyJob, LegacyResult, LegacyResults } from '../../ports/index.js'
import {
  asFile,
  domainFailed,
  domainNotThere,
  type DomainExport,
  type ExportOptions,
  type FileParts,
} from '../jobs/exportDomain.js'
import type { StoredRows } from '../jobs/StoredRows.js'
import { mustBeComplete } from '../jobs/findJob.js'
import { mustBeWhole } from './legacyStream.js'
import { compact, wholeRows } from './legacyText.js'

/**
 * All rows of one domain of a completed job of the original service.
 *
 * @throws {TraceError} `JOB_NOT_COMPLETE`, `JOB_RESULT_EXPIRED`, `INVALID_PARAMS`, `CHUNK_MISSING`
 */
export async function exportLegacyDomain(
  job: LegacyJob,
  legacy: LegacyResults,
  options: ExportOptions,
  parts: FileParts,
): Promise<DomainExport> {
  const { domain } = options
  mustBeComplete(job)
  const result = await legacy.result(job.jobId)
  if (!result) throw new TraceError('JOB_RESULT_EXPIRED', 'job result has expired')
  const { rows, openRows } = result.kind === 'whole' ? ofWhole(result, domain) : ofChunks(result, domain)
  const { profile, completedAtMs, createdAtMs } = job
  return { rows, body: asFile(openRows, options, parts), profile, fetchedAtMs: completedAtMs ?? createdAtMs }
}

function ofWhole(result: Extract<LegacyResult, { kind: 'whole' }>, domain: string) {
  const { rowCounts } = result
  const count = rowCounts.get(domain)
  if (count === undefined) throw domainNotThere([...rowCounts.keys()])
  return { rows: count, openRows: () => onlyOne({ array: wholeRows(result, domain), count }) }
}

function ofChunks(result: Extract<LegacyResult, { kind: 'chunked' }>, domain: string) {
  const { domains, failedDomains, chunk } = result
  if (failedDomains.includes(domain)) throw domainFailed(domain)
  const stored = domains.find((each) => each.domain === domain)
  if (!stored) throw domainNotThere(domains.map((each) => each.domain))

  async function* openRows(): AsyncGenerator<StoredRows> {
    let sent = 0
    for (let index = 0; index < stored!.chunks; index++) {
      const { count, text } = await chunk(domain, index)
      sent += count
      if (count > 0) yield { array: compact(text), count }
    }
    mustBeWhole(domain, sent, stored!.total)
  }
  return { rows: stored.total, openRows }
}

async function* onlyOne(rows: StoredRows): AsyncGenerator<StoredRows> {
  if (rows.count > 0) yield rows
}
