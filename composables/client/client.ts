/** What composables use once something is asked. Only `useClient` imports it. */
export { cancelJob, pollJob, readNdjson, runTrace } from '../../src/client/index.js'
export { messageOf } from '../../src/messages/index.js'
export { jobStatus } from '../../src/protocol/index.js'
