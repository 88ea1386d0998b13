import { pollAfterSeconds, type JobStatusFacts } from '../services/jobs/getJobStatus.js'
import type { Endpoint } from './Endpoint.js'
import { json } from './json.js'
import { statusName, type StatusNames } from './statusNames.js'

/** GET /api/trace/job/:jobId */
export const jobStatus: Endpoint<'jobId'> = async (_, { jobId }, { getJobStatus }, { owner, statusNames }) =>
  statusResponse(await getJobStatus(jobId, owner), statusNames)

/** DELETE /api/trace/job/:jobId?ticket= */
export const cancelJob: Endpoint<'jobId'> = async (request, { jobId }, services, { owner, statusNames }) => {
  const ticket = new URL(request.url).searchParams.get('ticket')
  return statusResponse(await services.cancelJob(jobId, { owner, ticket }), statusNames)
}

function statusResponse(facts: JobStatusFacts, statusNames: StatusNames): Response {
  const wait = pollAfterSeconds(facts)
  // The original has no word for a cancelled job: it has failed, and this is why.
  const isRenamed = statusNames === 'rq' && facts.status === 'cancelled'
  const body = {
    ...facts,
    status: statusName(facts.status, statusNames),
    ...(isRenamed ? { error: 'cancelled' } : {}),
  }
  return json(body, { headers: wait === null ? {} : { 'Retry-After': String(wait) } })
}
