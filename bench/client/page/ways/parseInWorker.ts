import type { Way } from '../Way.js'

/** A floor: download and JSON.parse in a worker, and the results thrown away. */
export const run: Way['run'] = (url) => {
  const worker = new Worker(new URL('./parseInWorker.worker.ts', import.meta.url), { type: 'module' })
  return new Promise((resolve, reject) => {
    worker.onmessage = () => resolve(null)
    worker.onerror = reject
    worker.postMessage(new URL(url, location.href).href)
  })
}
