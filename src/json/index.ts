export * from './createNdjsonDecoder.js'
export * from './parseJsonInSteps.js'
export * from './readChunks.js'
