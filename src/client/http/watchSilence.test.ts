import { describe, expect, it } from 'vitest'
import { readChunks } from '../../json/readChunks.js'
import { createVirtualEnvironment } from '../fixtures/createVirtualEnvironment.js'
import { linkSignal } from '../../async/abort.js'
import { DEFAULT_POLICY } from '../run/TracePolicy.js'
import { watchSilence } from './watchSilence.js'

/** What a stream is called that gives `chunks` and then nothing for ever. */
async function faultOf(chunks: Uint8Array[]) {
  const environment = createVirtualEnvironment()
  const link = linkSignal(new AbortController().signal)
  const bytes = new ReadableStream<Uint8Array>({
    start: (controller) => chunks.forEach((chunk) => controller.enqueue(chunk)),
  })
  const read = async () => {
    for await (const _ of watchSilence(() => readChunks(bytes), link, {
      environment,
      policy: DEFAULT_POLICY,
    }))
      void _
  }
  return environment.until(read().catch((cause: unknown) => cause))
}

describe('watchSilence', () => {
  it('calls a stream that falls silent dead', async () => {
    const fault = await faultOf([new Uint8Array([10])])
    expect(fault).toMatchObject({ code: 'STREAM_SILENT', details: undefined, retryable: true })
  })

  it('suspects a buffering proxy when a stream opens and never says a word', async () => {
    const fault = await faultOf([])
    expect(fault).toMatchObject({ code: 'STREAM_SILENT', details: { suspect: 'buffering-proxy' } })
  })

  it('does not call a stream silent whose bytes come, though they make nothing yet', async () => {
    const environment = createVirtualEnvironment()
    const link = linkSignal(new AbortController().signal)
    const { silenceMs } = DEFAULT_POLICY
    let heard = () => {}
    const never: AsyncIterable<number> = {
      [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }),
    }
    const items = watchSilence((onBytes) => ((heard = onBytes), never), link, {
      environment,
      policy: DEFAULT_POLICY,
    })
    const fault = items.next().catch((cause: unknown) => cause)
    for (let i = 0; i < 5; i++) {
      await environment.advance(silenceMs * 0.9)
      expect(link.signal.aborted).toBe(false)
      heard()
    }
    expect(await environment.until(fault)).toMatchObject({ code: 'STREAM_SILENT', details: undefined })
  })

  it('notices a dead connection in time although the clock is set back meanwhile, or forward', async () => {
    for (const byMs of [-3_600_000, 3_600_000]) {
      const environment = createVirtualEnvironment()
      const link = linkSignal(new AbortController().signal)
      const bytes = new ReadableStream<Uint8Array>()
      const items = watchSilence(() => readChunks(bytes), link, { environment, policy: DEFAULT_POLICY })
      const fault = items.next().catch((cause: unknown) => cause)
      await environment.advance(DEFAULT_POLICY.silenceMs / 2)
      environment.setClock(byMs)
      await environment.advance(DEFAULT_POLICY.silenceMs / 2 - 1)
      expect(link.signal.aborted).toBe(false)
      await environment.advance(DEFAULT_POLICY.silenceMs / 10)
      expect(link.signal.aborted).toBe(true)
      expect(await fault).toMatchObject({ code: 'STREAM_SILENT' })
    }
  })

  it('does not count the time before the next item is asked for', async () => {
    const environment = createVirtualEnvironment()
    const link = linkSignal(new AbortController().signal)
    async function* numbers() {
      yield 1
      yield 2
    }
    const items = watchSilence(numbers, link, { environment, policy: DEFAULT_POLICY })
    expect((await items.next()).value).toBe(1)
    await environment.advance(10 * DEFAULT_POLICY.silenceMs)
    expect((await items.next()).value).toBe(2)
    expect((await items.next()).done).toBe(true)
    await environment.settle()
    expect(environment.leftovers).toBe(0)
  })
})
