// npm start: builds what is stale, then runs the server in this process, so that Ctrl-C reaches it directly.
import { join } from 'node:path'
import { buildStale } from './buildStale.mjs'

process.chdir(join(import.meta.dirname, '..'))
buildStale()
await import('../mock-server/dist/main.js')
