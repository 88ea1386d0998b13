export * from './createBrowserEnvironment.js'
export * from './createFetchTransport.js'
