import { isTraceError, TraceError } from '../../../src/errors.js'
import type { TraceDeps } from '../../ports/TraceDeps.js'
import { loadRunQuestion, type RunQuestion } from '../questions/RunQuestion.js'

/**
 * The question of a run, which may be gone before the run is.
 *
 * @throws {TraceError} `JOB_RESULT_EXPIRED`
 */
export async function findRunQuestion(
  deps: Pick<TraceDeps, 'store' | 'codec'>,
  jobId: string,
): Promise<RunQuestion> {
  try {
    return await loadRunQuestion(deps, jobId)
  } catch (cause) {
    if (!isTraceError(cause) || cause.code !== 'CHUNK_MISSING') throw cause
    throw new TraceError('JOB_RESULT_EXPIRED', "the job's question is no longer stored; ask anew")
  }
}
