import type { EstimatedJob } from '../services/events/createStartEvents.js'
import { json } from './json.js'

/**
 * 202: a job, and where everything of it is to be had.
 *
 * @param headers beside its own
 */
export function acceptedResponse(
  { jobId, kind, domains, cidCount, estimatedSeconds, ticket, joinedAgeMs }: EstimatedJob,
  headers: Record<string, string> = {},
): Response {
  const url = `/api/trace/job/${jobId}`
  const body = {
    stage: kind,
    async: true,
    job_id: jobId,
    status_url: url,
    stream_url: `${url}/stream`,
    follow_url: `${url}/stream?follow=1`,
    result_url: `${url}/result`,
    cancel_url: `${url}?ticket=${ticket}`,
    domains,
    cid_count: cidCount,
    estimated_seconds: estimatedSeconds,
    ...(joinedAgeMs === null
      ? {}
      : { joined: true, age_seconds: Math.max(0, Math.round(joinedAgeMs / 1000)) }),
  }
  return json(body, { status: 202, headers: { Location: url, 'Retry-After': '1', ...headers } })
}
