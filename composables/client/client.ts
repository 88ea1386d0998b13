/** What composables use once something is asked. Only `useClient` imports it. */
export { assertOfApi } from '../../src/client/http/resolveUrl.js'
export { cancelJob } from '../../src/client/job/cancelJob.js'
export { pollJob, pollTraceJob } from '../../src/client/job/pollJob.js'
export { readNdjson } from '../../src/client/http/readNdjson.js'
export { runTrace } from '../../src/client/run/runTrace.js'
export { foldUpdate } from '../useTraceProgress/foldUpdate.js'
export { messageOf } from '../../src/messages/messageOf.js'
export { progressText, waitText } from '../../src/messages/progressText.js'
