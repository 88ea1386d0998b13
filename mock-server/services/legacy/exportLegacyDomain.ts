import { TraceError } from '../../../src/errors.js'
import type { LegacyJob, LegacyResult, LegacyResults } from '../../ports/index.js'
import {
  asFile,
  domainFailed,
  domainNotThere,
  type DomainExport,
  type ExportOptions,
  type StoredRows,
} from '../jobs/exportDomain.js'
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
  { domain, format }: ExportOptions,
): Promise<DomainExport> {
  mustBeComplete(job)
  const result = await legacy.result(job.jobId)
  if (!result) throw new TraceError('JOB_RESULT_EXPIRED', 'job result has expired')
  const { rows, arrays } = result.kind === 'whole' ? ofWhole(result, domain) : ofChunks(result, domain)
  const { profile, completedAtMs, createdAtMs } = job
  return { rows, body: asFile(arrays, format), profile, fetchedAtMs: completedAtMs ?? createdAtMs }
}

function ofWhole(result: Extract<LegacyResult, { kind: 'whole' }>, domain: string) {
  const { rowCounts } = result
  const count = rowCounts.get(domain)
  if (count === undefined) throw domainNotThere([...rowCounts.keys()])
  return { rows: count, arrays: onlyOne({ array: wholeRows(result, domain), count }) }
}

function ofChunks(result: Extract<LegacyResult, { kind: 'chunked' }>, domain: string) {
  const { domains, failedDomains, chunk } = result
  if (failedDomains.includes(domain)) throw domainFailed(domain)
  const stored = domains.find((each) => each.domain === domain)
  if (!stored) throw domainNotThere(domains.map((each) => each.domain))

  async function* arrays(): AsyncGenerator<StoredRows> {
    let sent = 0
    for (let index = 0; index < stored!.chunks; index++) {
      const { count, text } = await chunk(domain, index)
      sent += count
      if (count > 0) yield { array: compact(text), count }
    }
    mustBeWhole(domain, sent, stored!.total)
  }
  return { rows: stored.total, arrays: arrays() }
}

async function* onlyOne(rows: StoredRows): AsyncGenerator<StoredRows> {
  if (rows.count > 0) yield rows
}
