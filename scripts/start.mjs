// npm start: builds what is stale, then runs the server in this process, so that Ctrl-C reaches it directly.
import { buildStale } from './buildStale.mjs'

process.chdir(new URL('..', import.meta.url).pathname)
buildStale()
await import('../mock-server/dist/main.js')
