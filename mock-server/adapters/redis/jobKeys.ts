/** Our ids and the original's. Anything else is the id of no job, and never gets into a key. */
const JOB_ID = /^[\w-]{1,128}$/

export function isJobId(jobId: string): boolean {
  return JOB_ID.test(jobId)
}

/** The keys of a job, in the order of the scripts' KEYS; its id is their hash tag, so that they lie on one node. */
export function jobKeys(prefix: string, jobId: string) {
  const base = `${prefix}:trace:job:{${jobId}}`
  return {
    meta: `${base}:meta`,
    index: `${base}:index`,
    chunks: `${base}:chunks`,
    tickets: `${base}:tickets`,
    tombstone: `${base}:tombstone`,
  }
}
