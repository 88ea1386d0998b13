import * as v from 'valibot'
import { TraceError } from '../../../src/errors.js'
import { JOB_PHASES, JOB_STATES } from '../../../src/protocol/index.js'
import type { JobSnapshot } from '../../ports/index.js'
import { DOMAIN_BEGINNING, JOB_FORMAT, JOB_KINDS, STAGES_BEGINNING } from '../../ports/ResultLog.js'
import { checkStored, Count, jsonOf } from '../../ports/checkStored.js'
import { ErrorCode, StoredDomainCheckpoint, StoredStageCheckpoint } from '../../ports/storedSchemas.js'

/** Redis knows only texts. */
export const Digits = v.pipe(v.string(), v.regex(/^\d{1,16}$/), v.transform(Number))

/** The scripts in `lua/` write these fields. */
const Meta = v.object({
  job: jsonOf(
    v.object({
      jobId: v.string(),
      owner: v.string(),
      kind: v.picklist(JOB_KINDS),
      profile: v.string(),
      domains: v.array(v.string()),
      cidCount: v.nullable(Count),
      isSmall: v.optional(v.boolean(), false),
      createdAtMs: v.number(),
    }),
  ),
  state: v.picklist(JOB_STATES),
  phase: v.picklist(JOB_PHASES),
  epoch: v.string(),
  attempt: Digits,
  head: Digits,
  stages: jsonOf(StoredStageCheckpoint),
  currentDomain: v.string(),
  cidsDone: Digits,
  /** These three once a writer has told them. */
  cidCount: v.optional(Digits),
  seedsDone: v.optional(Digits),
  seedsTotal: v.optional(Digits),
  textBytes: Digits,
  startedAtMs: v.optional(Digits),
  completedAtMs: v.optional(Digits),
  expiresAtMs: Digits,
  error: v.union([v.literal(''), jsonOf(v.object({ code: ErrorCode, message: v.string() }))]),
  cancelRequested: v.picklist(['0', '1']),
})

const Domain = v.object({
  state: v.picklist(['waiting', 'running', 'done', 'failed']),
  rows: Digits,
  code: v.union([v.literal(''), ErrorCode]),
  checkpoint: jsonOf(StoredDomainCheckpoint),
})

/**
 * A job's meta hash as a snapshot.
 *
 * @throws {Error} when it is not what the scripts write
 * @throws {TraceError} `STORE_UNAVAILABLE` when it is of a format that is not known here
 */
export function readJobMeta(jobId: string, stored: Record<string, string>): JobSnapshot {
  const { format } = stored
  if (format !== undefined && format !== JOB_FORMAT) throw unknownFormat(jobId, format)
  const fields = format === undefined ? fromFirstFormat(stored) : stored
  const { job, ...meta } = checkStored(Meta, fields, `Job ${jobId}`)
  if (job.jobId !== jobId) throw new Error(`Job ${job.jobId} is stored where job ${jobId} should be`)
  const domains = job.domains.map((domain) => {
    const field = (name: string) => fields[`${name}:${domain}`]
    const stored = {
      state: field('state'),
      rows: field('rows'),
      code: field('code'),
      checkpoint: field('checkpoint'),
    }
    const { code, ...rest } = checkStored(Domain, stored, `Domain ${domain} of job ${jobId}`)
    return { name: domain, ...rest, code: code || null }
  })
  return {
    ...job,
    ...meta,
    domains,
    cidCount: meta.cidCount ?? job.cidCount,
    seedsDone: meta.seedsDone ?? 0,
    seedsTotal: meta.seedsTotal ?? null,
    currentDomain: meta.currentDomain || null,
    rows: domains.reduce((sum, { rows }) => sum + rows, 0),
    startedAtMs: meta.startedAtMs ?? null,
    completedAtMs: meta.completedAtMs ?? null,
    error: meta.error || null,
    cancelRequested: meta.cancelRequested === '1',
  }
}

/** What the first format did not have. Only `bringUp.lua`, before a job is gone on with, gives it true checkpoints. */
function fromFirstFormat(fields: Record<string, string>): Record<string, string> {
  const beginning = JSON.stringify(DOMAIN_BEGINNING)
  const states = Object.keys(fields).filter((name) => name.startsWith('state:'))
  const checkpoints = states.map((name) => [name.replace('state:', 'checkpoint:'), beginning])
  return {
    ...fields,
    job: fields.job?.replace('{', '{"kind":"events",') ?? '',
    stages: JSON.stringify(STAGES_BEGINNING),
    ...Object.fromEntries(checkpoints),
  }
}

export function unknownFormat(jobId: string, format: string): TraceError {
  return new TraceError(
    'STORE_UNAVAILABLE',
    `Job ${jobId} is stored in the format "${format.slice(0, 40)}", which this server does not know: it is of another release`,
    { retryAfterMs: 2_000 },
  )
}
