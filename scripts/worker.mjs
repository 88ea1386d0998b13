// npm run worker: builds what is stale, then runs the workers' supervisor in this process.
import { join } from 'node:path'
import { buildStale } from './buildStale.mjs'

process.chdir(join(import.meta.dirname, '..'))
buildStale('server')
await import('../mock-server/dist/worker.js')
