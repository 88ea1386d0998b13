import { readConfig, type Config } from './config.js'

/** The configuration of this process's environment and `.env`; what cannot be used ends it with one sentence. */
export function configOrExit(): Config {
  try {
    process.loadEnvFile()
  } catch {
    // There need not be a file.
  }
  try {
    return readConfig(process.env)
  } catch (cause) {
    process.stderr.write(`${(cause as Error).message}\n`)
    process.exit(1)
  }
}
