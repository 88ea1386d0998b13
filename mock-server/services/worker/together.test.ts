import { describe, expect, it } from 'vitest'
import { untilAborted } from '../../../src/async/abort.js'
import { together } from './together.js'

const forever = (signal: AbortSignal) => untilAborted(signal, new Promise<void>(() => {}))

describe('works that are done together', () => {
  it('end when all have ended', async () => {
    const ended: string[] = []
    await together(new AbortController().signal, [
      async () => void ended.push('a'),
      async () => {
        await Promise.resolve()
        ended.push('b')
      },
    ])
    expect(ended).toEqual(['a', 'b'])
  })

  it('abort the others when one fails, wait for them, and throw what failed first', async () => {
    let hasStopped = false
    const works = [
      async (signal: AbortSignal) => {
        await forever(signal).catch(() => {})
        hasStopped = true
        throw new Error('because of the abort')
      },
      () => Promise.reject(new Error('first')),
    ]
    await expect(together(new AbortController().signal, works)).rejects.toThrow('first')
    expect(hasStopped).toBe(true)
  })

  it('stop with the signal', async () => {
    const controller = new AbortController()
    const works = together(controller.signal, [forever, forever])
    controller.abort(new Error('enough'))
    await expect(works).rejects.toThrow('enough')
  })
})
