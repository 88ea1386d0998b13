import { get } from 'node:http'

/** What came of one request, without being decoded: the reader must cost less than what it measures. */
export interface RawAnswer {
  status: number
  bytes: number
  /** From the request to the end. */
  tookMs: number
  /** From the request until 16 kB had come, which is more than the lines before the first rows. */
  firstRowsMs: number | null
}

export function readRaw(url: string, headers: Record<string, string> = {}): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const beganAt = performance.now()
    const passed = () => performance.now() - beganAt
    get(url, { headers }, (response) => {
      let bytes = 0
      let firstRowsMs: number | null = null
      response.on('data', (data: Buffer) => {
        bytes += data.length
        if (firstRowsMs === null && bytes > 16_384) firstRowsMs = passed()
      })
      response.on('end', () =>
        resolve({ status: response.statusCode!, bytes, tookMs: passed(), firstRowsMs }),
      )
      response.on('error', reject)
    }).on('error', reject)
  })
}
