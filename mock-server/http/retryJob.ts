import { acceptedResponse } from './acceptedResponse.js'
import type { Endpoint } from './Endpoint.js'

/** POST /api/trace/job/:jobId/retry */
export const retryJob: Endpoint<'jobId'> = async (_, { jobId }, services, { owner }) =>
  acceptedResponse({ ...(await services.retryJob(jobId, owner)), estimatedSeconds: null })
