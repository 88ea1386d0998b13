export * from './createBrowserEnvironment.js'
export * from './createFetchTransport.js'
export * from './decodeWorker/createWorkerDecoder.js'
