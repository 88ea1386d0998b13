/** What composables use once something is asked. Only `useClient` imports it. */
export {
  assertOfApi,
  cancelJob,
  pollJob,
  pollTraceJob,
  readNdjson,
  runTrace,
} from '../../src/client/index.js'
export { foldUpdate } from '../useTraceProgress/foldUpdate.js'
export { messageOf, progressText, waitText } from '../../src/messages/index.js'
