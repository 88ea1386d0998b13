import { describe, expect, it } from 'vitest'
import { createVirtualEnvironment } from './fixtures/createVirtualEnvironment.js'
import { linkSignal } from './linkSignal.js'
import { DEFAULT_POLICY } from './TracePolicy.js'
import { watchSilence } from './watchSilence.js'

/** What a stream is called that gives `chunks` and then nothing for ever. */
async function faultOf(chunks: Uint8Array[]) {
  const environment = createVirtualEnvironment()
  const link = linkSignal(new AbortController().signal)
  const bytes = new ReadableStream<Uint8Array>({
    start: (controller) => chunks.forEach((chunk) => controller.enqueue(chunk)),
  })
  const read = async () => {
    for await (const _ of watchSilence(bytes, link, { environment, policy: DEFAULT_POLICY })) void _
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
})
