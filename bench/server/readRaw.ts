import { get } from 'node:http'
import { constants, gunzipSync } from 'node:zlib'

/** What came of one request, without being decoded: the reader must cost less than what it measures. */
export interface RawAnswer {
  status: number
  bytes: number
  /** From the request to the end. */
  tookMs: number
  /** From the request to the first `records` line, for a stream; `null` when there was none. */
  firstRowsMs: number | null
}

/** @param firstRows what tells the first `records` line that is waited for */
export function readRaw(
  url: string,
  headers: Record<string, string> = {},
  firstRows = '{"type":"records"',
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const beganAt = performance.now()
    const passed = () => performance.now() - beganAt
    get(url, { headers }, (response) => {
      const start: Buffer[] = []
      let bytes = 0
      let firstRowsMs: number | null = null
      response.on('data', (data: Buffer) => {
        bytes += data.length
        if (firstRowsMs !== null) return
        start.push(data)
        if (textOf(Buffer.concat(start)).includes(firstRows)) firstRowsMs = passed()
      })
      response.on('end', () =>
        resolve({ status: response.statusCode!, bytes, tookMs: passed(), firstRowsMs }),
      )
      response.on('error', reject)
    }).on('error', reject)
  })
}

/** What has come of a stream, deflated or not. */
function textOf(start: Buffer): Buffer {
  const isGzip = start[0] === 0x1f
  return isGzip ? gunzipSync(start, { finishFlush: constants.Z_SYNC_FLUSH }) : start
}
