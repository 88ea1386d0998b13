export const JSON_HEADERS = { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' }

/** `no-transform` and `X-Accel-Buffering`: no proxy may hold lines back. */
export const LINES_HEADERS = {
  'Content-Type': 'application/x-ndjson',
  'Cache-Control': 'no-cache, no-store, no-transform',
  'X-Accel-Buffering': 'no',
}
