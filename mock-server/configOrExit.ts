import { readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import { readConfig, type Config } from './config.js'

/**
 * The configuration of this process's environment and `.env`; what cannot be used ends it with one sentence.
 *
 * @param given variables that count more than both: of the command line. Processes begun by this one have them too
 */
export function configOrExit(given: Record<string, string> = {}): Config {
  try {
    // Into the environment: it may set what Node itself reads, such as TZ.
    for (const [name, value] of Object.entries(readEnvFile('.env'))) process.env[name] ??= value
    Object.assign(process.env, given)
    return readConfig(process.env)
  } catch (cause) {
    fail((cause as Error).message)
  }
}

/** Ends this process with one sentence that says why. */
export function fail(sentence: string): never {
  process.stderr.write(`${sentence}\n`)
  process.exit(1)
}

const QUOTED = /"[^"]*"|'[^']*'|`[^`]*`/.source
/** A line that sets a variable, over several lines where it is quoted; a comment; or a blank line. */
const ENTRY = new RegExp(
  `[ \\t]*(?:(?:export[ \\t]+)?[A-Za-z_][\\w.-]*[ \\t]*=[ \\t]*(?:(?:${QUOTED})[ \\t]*(?:#.*)?|(?![ \\t]*["'\`]).*)|#.*)?(?:\\n|$)`,
  'y',
)

/**
 * The variables that a file sets; none where there is no file. A server that passes over what it cannot read would start
 * on defaults, without its Redis, and say nothing.
 *
 * @throws {Error} one sentence that says why the file cannot be used
 */
export function readEnvFile(path: string): Record<string, string | undefined> {
  const text = readText(path)
  if (text === null) return {}
  for (let at = 0; at < text.length; at = ENTRY.lastIndex) {
    ENTRY.lastIndex = at
    if (ENTRY.test(text)) continue
    const line = text.slice(0, at).split('\n').length
    throw new Error(`Line ${line} of ${path} must set a variable, as in PORT=8787, or be a # comment.`)
  }
  return parseEnv(text)
}

function readText(path: string): string | null {
  let bytes: Uint8Array
  try {
    bytes = readFileSync(path)
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT') return null
    throw new Error(`${path} cannot be read (${code}): make it a file that this user may read, or remove it.`)
  }
  try {
    // Drops a byte order mark and refuses UTF-16: its bytes FF and FE are not UTF-8.
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    if (!text.includes('\0')) return text.replace(/\r\n?/g, '\n')
  } catch {
    // Said below.
  }
  throw new Error(`${path} must be UTF-8 text: save it in that encoding.`)
}
