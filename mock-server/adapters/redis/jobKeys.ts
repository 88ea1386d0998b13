/** Ids of our making and the original's. Anything else is nobody's id, and never gets into a key. */
const JOB_ID = /^[\w-]{1,128}$/

export function isJobId(jobId: string): boolean {
  return JOB_ID.test(jobId)
}

/** Meta, index, chunks and tombstone of a job; its id is their hash tag, so that they lie on one node. */
export function jobKeys(prefix: string, jobId: string): [string, string, string, string] {
  const base = `${prefix}:trace:job:{${jobId}}`
  return [`${base}:meta`, `${base}:index`, `${base}:chunks`, `${base}:tombstone`]
}
