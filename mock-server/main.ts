import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { commandLine } from './cli/commandLine.js'
import { describeFlags, SERVER_FLAGS } from './cli/readFlags.js'
import { VARIABLES } from './config.js'
import { readConfigFile } from './configFile.js'
import { configOrExit, fail } from './configOrExit.js'
import { openLog } from './openLog.js'
import { startServer } from './startServer.js'

const HELP = `A trace server: seeds, lineage, events and jobs over HTTP, with your factory or a synthetic one behind it.

Usage: trace-server [options]           the server (in the repository: npm start -- [options])
       trace-server worker [options]    its workers, where it has Redis; see trace-server worker --help

${describeFlags(SERVER_FLAGS)}

All else is set by environment variables, or by a file .env; .env.example explains each:
  ${VARIABLES.join('\n  ')}
`

const { environment } = commandLine(SERVER_FLAGS, HELP)
const config = configOrExit(environment)
const log = openLog(config.logLevel)

try {
  const server = await startServer({
    config,
    file: await readConfigFile(config.source.configFile),
    logger: log.logger,
    logLinesDropped: () => log.droppedCount,
    demoDir: demoDir(),
  })
  log.write(`The trace server is at ${server.url} (Ctrl-C stops it)\n`)

  let isStopping = false
  async function stop() {
    if (isStopping) return process.exit(1)
    isStopping = true
    await server.stop()
    process.exit(0)
  }
  process.on('SIGINT', () => void stop())
  process.on('SIGTERM', () => void stop())
} catch (cause) {
  fail((cause as Error).message)
}

/** Where the demo page is built to in the repository, seen from the source and from the bundle; it is not packed. */
function demoDir(): string | undefined {
  const root = join(import.meta.dirname, import.meta.url.endsWith('.ts') ? '..' : '../..')
  // In somebody's node_modules, what is called demo is not ours.
  return existsSync(join(root, 'mock-server')) ? join(root, 'demo/dist') : undefined
}
