import { createWorkerDecoder } from './page.js'

// The one object of this kind: all composables of a page share one worker. Nothing starts before it decodes.
export const pageDecoder = createWorkerDecoder()
