import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** `npm run bench -- client|server|requests|run|source [options]`: each folder here with a `run.ts` is a benchmark. */
const [name = '', ...options] = process.argv.slice(2)
const runner = join(import.meta.dirname, name, 'run.ts')
if (!/^[a-z]+$/.test(name) || !existsSync(runner)) {
  console.error('Which benchmark? npm run bench -- client, server, requests, run, or source')
  process.exit(1)
}
const { run } = (await import(runner)) as { run: (options: string[]) => Promise<void> }
await run(options)
