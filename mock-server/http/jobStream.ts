import { linkSignal } from '../../src/async/abort.js'
import { TraceError } from '../../src/errors.js'
import type { LogCursor } from '../services/log/followLog.js'
import { faultLine, isErrorLine } from '../services/log/logLines.js'
import type { BodyChunks } from '../services/store/bodyChunks.js'
import type { Endpoint } from './Endpoint.js'
import { LINES_HEADERS } from './headers.js'
import { streamed } from './streamed.js'

/** GET /api/trace/job/:jobId/stream?follow=&after=&epoch= */
export const jobStream: Endpoint<'jobId'> = async (request, { jobId }, services, { owner, statusNames }) => {
  const { searchParams } = new URL(request.url)
  const follow = ['1', 'true'].includes(searchParams.get('follow') ?? '')
  const cursor = parseCursor(searchParams)
  const leave = linkSignal(request.signal)
  const lines = await services.openJobStream(jobId, { owner, follow, cursor, signal: leave.signal })
  const isForOldPages = statusNames === 'rq'
  return streamed(request, isForOldPages ? brokenAfterError(lines) : lines, {
    headers: LINES_HEADERS,
    decode: services.decode,
    errorLine: isForOldPages ? undefined : faultLine,
    onCancel: () => leave.abort(),
  })
}

/** The original's page passes over `error` lines, and takes what came before for the result; a broken connection it sees. */
async function* brokenAfterError(lines: BodyChunks): BodyChunks {
  for await (const chunk of lines) {
    yield chunk
    if (isErrorLine(chunk))
      throw new TraceError('STREAM_TRUNCATED', `The stream ended with ${String(chunk).trim()}`)
  }
}

function parseCursor(searchParams: URLSearchParams): LogCursor {
  const after = searchParams.get('after') || '0'
  if (!/^\d{1,15}$/.test(after)) {
    throw new TraceError('INVALID_PARAMS', 'after must be a whole number, from 0 on')
  }
  return { after: Number(after), epoch: searchParams.get('epoch') }
}
