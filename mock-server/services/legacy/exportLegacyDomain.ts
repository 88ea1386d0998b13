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

const utf8 = new TextEncoder()

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
  const { rows, arrays } = result.kind === 'whole' ? wholeRows(result, domain) : chunkedRows(result, domain)
  const { profile, completedAtMs, createdAtMs } = job
  return { rows, body: asFile(arrays, format), profile, fetchedAtMs: completedAtMs ?? createdAtMs }
}

function wholeRows({ results }: Extract<LegacyResult, { kind: 'whole' }>, domain: string) {
  const rows = Object.hasOwn(results, domain) ? results[domain]!.data : null
  if (!rows) throw domainNotThere(Object.keys(results))
  const array = utf8.encode(JSON.stringify(rows))
  return { rows: rows.length, arrays: onlyOne({ array, count: rows.length }) }
}

function chunkedRows(result: Extract<LegacyResult, { kind: 'chunked' }>, domain: string) {
  const { domains, failedDomains, chunk } = result
  if (failedDomains.includes(domain)) throw domainFailed(domain)
  const stored = domains.find((each) => each.domain === domain)
  if (!stored) throw domainNotThere(domains.map((each) => each.domain))

  async function* arrays(): AsyncGenerator<StoredRows> {
    let sent = 0
    for (let index = 0; index < stored!.chunks; index++) {
      const { rows, text } = await chunk(domain, index)
      sent += rows.length
      if (rows.length > 0) yield { array: utf8.encode(compact(text)), count: rows.length }
    }
    mustBeWhole(domain, sent, stored!.total)
  }
  return { rows: stored.total, arrays: arrays() }
}

/** JSON without the blanks between its tokens, which the original service writes and this one does not. */
function compact(json: string): string {
  return json.replace(/("(?:[^"\\]|\\.)*")|\s+/g, '$1')
}

async function* onlyOne(rows: StoredRows): AsyncGenerator<StoredRows> {
  if (rows.count > 0) yield rows
}
