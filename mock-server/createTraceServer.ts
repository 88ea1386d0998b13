import type { TraceServer, TraceServerConfig } from './defineTraceServer.js'

/** What a program says to its server: what a config file would, and where it listens. */
export interface TraceServerOptions extends TraceServerConfig {
  /** Default: `127.0.0.1`. */
  host?: string
  /** Default: 8787; 0 takes any free port. */
  port?: number
  /** Further settings, by the names of `.env.example`; this process's own environment is not read. */
  environment?: Readonly<Record<string, string>>
}

/**
 * Starts a trace server in this program. Without Redis its jobs run in this very thread, on this very source: for tests
 * and small servers. The command `trace-server` gives each job a thread of its own.
 *
 * @throws {Error} one sentence that says why it cannot start
 */
export async function createTraceServer(options: TraceServerOptions = {}): Promise<TraceServer> {
  const { host, port, environment, ...said } = options
  // Loaded here: a config file imports this module's neighbours in every process and thread.
  const [{ pino }, { readConfig }, { checkConfig }, { startServer }] = await Promise.all([
    import('pino'),
    import('./config.js'),
    import('./configFile.js'),
    import('./startServer.js'),
  ])
  const config = readConfig({
    LOG_LEVEL: 'warn',
    ...environment,
    ...(host !== undefined && { HOST: host }),
    ...(port !== undefined && { PORT: String(port) }),
  })
  const fileName = 'createTraceServer'
  return startServer({
    config,
    file: { ...checkConfig(said, fileName), fileName },
    logger: pino({ level: config.logLevel }),
    jobsHere: true,
  })
}
