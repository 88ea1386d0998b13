import { TraceError } from '../../src/errors.js'
import { EXPORT_FORMATS, type ExportFormat } from '../services/exportDomain.js'
import type { Endpoint } from './Endpoint.js'
import { streamed } from './streamed.js'

const TYPES: Record<ExportFormat, string> = {
  csv: 'text/csv; charset=utf-8',
  ndjson: 'application/x-ndjson',
}

/** GET /api/trace/job/:jobId/export?domain=&format=csv|ndjson */
export const jobExport: Endpoint<'jobId'> = async (request, { jobId }, services, { owner }) => {
  const { searchParams } = new URL(request.url)
  const domain = searchParams.get('domain') ?? ''
  const format = parseFormat(searchParams.get('format'))
  const { pieces, rows } = await services.exportDomain(jobId, owner, { domain, format })
  return streamed(request, pieces, {
    headers: {
      'Content-Type': TYPES[format],
      // Domains and ids are a server's own, but this is a header: nothing but what a file name may have.
      'Content-Disposition': `attachment; filename="${`${jobId}-${domain}`.replace(/[^\w-]/g, '_')}.${format}"`,
      'Cache-Control': 'no-store',
      'X-Total-Count': String(rows),
    },
    decode: services.decode,
    isDeflated: false,
  })
}

function parseFormat(format: string | null): ExportFormat {
  const known = EXPORT_FORMATS.find((name) => name === (format || 'csv'))
  if (known) return known
  throw new TraceError('INVALID_PARAMS', `format must be one of ${EXPORT_FORMATS.join(', ')}`)
}
