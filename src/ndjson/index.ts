export * from './createNdjsonDecoder.js'
export * from './readChunks.js'
