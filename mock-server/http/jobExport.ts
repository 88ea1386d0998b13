import { TraceError } from '../../src/errors.js'
import { EXPORT_FORMATS, type ExportFormat } from '../services/jobs/exportDomain.js'
import type { Endpoint } from './Endpoint.js'
import { localTime } from './errorResponse.js'
import { streamed } from './streamed.js'

const utf8 = new TextEncoder()

const TYPES: Record<ExportFormat, string> = {
  csv: 'text/csv; charset=utf-8',
  ndjson: 'application/x-ndjson',
  parquet: 'application/vnd.apache.parquet',
}

/** GET /api/trace/job/:jobId/export?domain=&format=csv|ndjson|parquet */
export const jobExport: Endpoint<'jobId'> = async (request, { jobId }, services, { owner }) => {
  const { searchParams } = new URL(request.url)
  const domain = searchParams.get('domain') ?? ''
  const format = parseFormat(searchParams.get('format'))
  const { body, rows, profile, fetchedAtMs } = await services.exportDomain(jobId, owner, { domain, format })
  const day = localTime(fetchedAtMs).slice(0, 10)
  return streamed(request, body, {
    headers: {
      'Content-Type': TYPES[format],
      'Content-Disposition': attachment(`${namePart(profile)}-${namePart(domain)}-${day}.${format}`),
      'Cache-Control': 'no-store',
      'X-Total-Count': String(rows),
    },
    decode: services.decode,
    isDeflated: false,
  })
}

/** As much of a name as every file system takes: nothing that Windows forbids, or that cannot be seen; 80 bytes. */
function namePart(name: string): string {
  const visible = name.normalize('NFC').replace(/[\p{C}\p{Z}<>:"/\\|?*%]+/gu, '_')
  let part = ''
  for (const character of visible.replace(/^[.-]+/, '')) {
    if (utf8.encode(part + character).length > 80) break
    part += character
  }
  return part || '_'
}

/** RFC 6266: `filename*` has the full name, `filename` an ASCII one for older clients. */
function attachment(name: string): string {
  const ascii = name.replace(/[^\x20-\x7e]/g, '_')
  if (ascii === name) return `attachment; filename="${name}"`
  const encoded = encodeURIComponent(name).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`
}

function parseFormat(format: string | null): ExportFormat {
  const known = EXPORT_FORMATS.find((name) => name === (format || 'csv'))
  if (known) return known
  throw new TraceError('INVALID_PARAMS', `format must be one of ${EXPORT_FORMATS.join(', ')}`)
}
