import { expect, it } from 'vitest'
import { loadPart } from './loadPart.js'

it('says that the network is at fault when a part of the program does not come, and asks again the next time', async () => {
  const broken = new TypeError('Failed to fetch dynamically imported module')
  let loads = 0
  const load = async () => {
    if (loads++ === 0) throw broken
    return 'part'
  }
  await expect(loadPart(load)).rejects.toMatchObject({
    code: 'NETWORK_ERROR',
    retryable: true,
    cause: broken,
  })
  expect(await loadPart(load)).toBe('part')
})
