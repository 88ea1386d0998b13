import type { JobDescriptor } from '../../ports/index.js'

/** A job of no question in particular, for tests of where jobs are kept and handed out. */
export function plainJob(jobId: string, domains: string[] = []): JobDescriptor {
  return {
    ...({ jobId, owner: '', kind: 'events', profile: 'p' } as const),
    ...{ domains, cidCount: domains.length, createdAtMs: 0 },
  }
}
