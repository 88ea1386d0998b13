import { createRowDigest, type Ending } from './Ending.js'

/** What no server may send, whatever happens to it. */
export class BrokenPromise extends Error {}

type Line = { type: string; seq?: number; domain: string } & Record<string, unknown>

/**
 * Follows a job's log from `job.follow_url` to its end, resuming after the last line whenever the connection
 * breaks. It is no client of ours but a second opinion: it knows nothing but the protocol.
 *
 * @throws {BrokenPromise} a gap, a count that is wrong, a line that is no JSON
 */
export async function followToEnd(base: string, followUrl: string, deadlineMs: number): Promise<Ending> {
  const rows = createRowDigest()
  let after = 0
  let epoch = ''

  /** `null`: go on; else the end. */
  function take(line: Line): Ending | null {
    if (line.seq !== undefined) {
      if (line.seq !== after + 1) throw new BrokenPromise(`line ${line.seq} came after line ${after}`)
      after = line.seq
    }
    switch (line.type) {
      case 'meta':
        epoch = line.epoch as string
        return null
      case 'reset':
        after = 0
        rows.restart()
        return null
      case 'domain_start':
      case 'domain_failed':
        rows.drop(line.domain)
        return null
      case 'records': {
        const data = line.data as unknown[]
        if (line.count !== data.length)
          throw new BrokenPromise(`${line.count as number} rows are ${data.length}`)
        if (line.batch !== rows.batchesOf(line.domain))
          throw new BrokenPromise(`batch ${line.batch as number}`)
        rows.add(line.domain, data)
        return null
      }
      case 'domain_end':
        if (line.count !== rows.rowsOf(line.domain)) {
          throw new BrokenPromise(
            `${line.domain} ends with ${line.count as number}, ${rows.rowsOf(line.domain)} came`,
          )
        }
        return null
      case 'aggregation':
        rows.aggregate(line.data)
        return null
      case 'error':
        return { complete: false, code: line.code as string, retryable: line.retryable as boolean }
      case 'complete':
        if (line.total_records !== rows.rows()) throw new BrokenPromise('complete, but not all rows came')
        return { complete: true, digest: rows.finish(), rows: rows.rows() }
      default:
        return null
    }
  }

  async function readOnce(): Promise<Ending | null> {
    const url = new URL(followUrl, base)
    if (after > 0) {
      url.searchParams.set('after', String(after))
      url.searchParams.set('epoch', epoch)
    }
    const response = await fetch(url, { signal: AbortSignal.timeout(30_000) })
    if (response.status !== 200) return refusal(response)
    const decoder = new TextDecoder()
    let text = ''
    for await (const bytes of response.body!) {
      text += decoder.decode(bytes as Uint8Array, { stream: true })
      const lines = text.split('\n')
      text = lines.pop()!
      for (const each of lines) {
        const ending = take(parse(each))
        if (ending) return ending
      }
    }
    return { complete: false, code: 'STREAM_TRUNCATED', retryable: true }
  }

  return persist(readOnce, deadlineMs)
}

/** Tries until the end is final or the time is over; what can be retried is. */
export async function persist(readOnce: () => Promise<Ending | null>, deadlineMs: number): Promise<Ending> {
  let last: Ending = { complete: false, code: 'NEVER_ANSWERED', retryable: true }
  while (Date.now() < deadlineMs) {
    try {
      const ending = await readOnce()
      if (ending?.complete) return ending
      if (ending) last = ending
      if (ending && !ending.retryable) return ending
    } catch (cause) {
      if (cause instanceof BrokenPromise) throw cause
      last = { complete: false, code: 'NETWORK_ERROR', retryable: true }
    }
    await new Promise((resolve) => setTimeout(resolve, 300))
  }
  return last
}

/** What an answer other than 200 says. */
export async function refusal(response: Response): Promise<Ending> {
  const body = (await response.json()) as { error?: { code?: string } }
  const code = body.error?.code ?? `HTTP_${response.status}`
  return { complete: false, code, retryable: [409, 429, 500, 503].includes(response.status) }
}

function parse(text: string): Line {
  try {
    return JSON.parse(text) as Line
  } catch {
    throw new BrokenPromise(`a line is no JSON: ${text.slice(0, 80)}`)
  }
}
