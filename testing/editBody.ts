import { joinBytes } from '../src/json/bytes.js'

const LF = 0x0a

/** What becomes of a line: bytes to send, and whether the body ends behind them. */
export interface EditedLine {
  bytes: readonly Uint8Array[]
  /** `close`: the body ends as if it were whole. `cut`: the connection breaks. */
  then?: 'close' | 'cut'
}

/** Passes an answer's body through `edit` line by line, LF included; `line` counts from 1. */
export function editLines(
  response: Response,
  edit: (line: Uint8Array, number: number) => EditedLine | Promise<EditedLine>,
): Response {
  if (!response.body) return response
  const lines = readLines(response.body)
  let number = 0
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { value, done } = await lines.next()
      if (done) return controller.close()
      const { bytes, then } = await edit(value, ++number)
      for (const part of bytes) controller.enqueue(part)
      if (then === undefined) return
      await lines.return(undefined)
      if (then === 'close') controller.close()
      else controller.error(new TypeError('The connection was cut'))
    },
    async cancel() {
      await lines.return(undefined)
    },
  })
  return new Response(body, response)
}

/** Cuts an answer's body into chunks of `size` bytes, even inside a character. */
export function rechunk(response: Response, size: number): Response {
  return editLines(response, (line) => ({
    bytes: Array.from({ length: Math.ceil(line.length / size) }, (_, at) =>
      line.subarray(at * size, (at + 1) * size),
    ),
  }))
}

async function* readLines(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = body.getReader()
  let rest: Uint8Array[] = []
  try {
    for (;;) {
      const { value, done } = await reader.read()
      if (done) break
      let start = 0
      for (let at = value.indexOf(LF); at !== -1; at = value.indexOf(LF, start)) {
        yield joinBytes([...rest, value.subarray(start, at + 1)])
        rest = []
        start = at + 1
      }
      if (start < value.length) rest.push(value.subarray(start))
    }
    if (rest.length > 0) yield joinBytes(rest)
  } finally {
    // Never waited for: msw's interceptors may not settle it.
    void reader.cancel().catch(() => {})
  }
}
