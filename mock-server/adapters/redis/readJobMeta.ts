import type { JobPhase, JobState } from '../../../src/protocol/index.js'
import type { Checkpoint, DomainState, JobDescriptor, JobSnapshot } from '../../ports/index.js'

/** A job's meta hash as a snapshot; see `logScripts.ts` for who writes which field. */
export function readJobMeta(meta: Record<string, string>): JobSnapshot {
  const job = JSON.parse(meta.job!) as JobDescriptor
  const domainStates = job.domains.map((domain) => readDomain(meta, domain))
  return {
    ...job,
    state: meta.state as JobState,
    phase: meta.phase as JobPhase,
    epoch: meta.epoch!,
    attempt: Number(meta.attempt),
    head: Number(meta.head),
    checkpoint: JSON.parse(meta.checkpoint!) as Checkpoint,
    domainStates,
    currentDomain: meta.currentDomain || null,
    cidsDone: Number(meta.cidsDone),
    rows: domainStates.reduce((sum, { rows }) => sum + rows, 0),
    textBytes: Number(meta.textBytes),
    startedAtMs: meta.startedAtMs ? Number(meta.startedAtMs) : null,
    completedAtMs: meta.completedAtMs ? Number(meta.completedAtMs) : null,
    expiresAtMs: Number(meta.expiresAtMs),
    error: meta.error ? (JSON.parse(meta.error) as JobSnapshot['error']) : null,
    cancelRequested: meta.cancelRequested === '1',
  }
}

function readDomain(meta: Record<string, string>, domain: string): DomainState {
  return {
    state: meta[`state:${domain}`] as DomainState['state'],
    rows: Number(meta[`rows:${domain}`]),
    code: (meta[`code:${domain}`] || null) as DomainState['code'],
  }
}
