import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import * as v from 'valibot'
import { AllowedHosts, AllowedOrigins } from './config.js'
import type { TraceServerConfig } from './defineTraceServer.js'

/** Names of the file in the working folder; the first that is there counts. */
const NAMES = ['trace.config.js', 'trace.config.mjs', 'trace.config.ts']

const isFunction = (value: unknown) => typeof value === 'function'

const ConfigFile = v.strictObject({
  source: v.optional(
    v.custom<NonNullable<TraceServerConfig['source']>>(
      (value) => isFunction(value) || (typeof value === 'object' && value !== null),
      'an object with describe(), or a function that makes one',
    ),
  ),
  identify: v.optional(
    v.custom<NonNullable<TraceServerConfig['identify']>>(isFunction, 'a function of a request'),
  ),
  allowedOrigins: v.optional(AllowedOrigins, []),
  allowedHosts: v.optional(AllowedHosts, []),
})

/** What a config file says, and its name for sentences. */
export interface ConfigFile extends v.InferOutput<typeof ConfigFile> {
  fileName: string
}

/**
 * Reads the config file: the one that is named, or the one in the working folder, or none. A process that reads it
 * again gets the same.
 *
 * @throws {Error} one sentence with the file and what is wrong in it
 */
export async function readConfigFile(
  named: string | null,
  folder = process.cwd(),
): Promise<ConfigFile | null> {
  const path = named ?? NAMES.map((name) => join(folder, name)).find((each) => existsSync(each))
  if (path === undefined) return null
  if (!existsSync(path)) throw new Error(`${path} is not there: name a config file that is, or none.`)
  const fileName = basename(path)
  const { default: said } = await load(path, fileName)
  if (said === undefined) {
    throw new Error(`${fileName} has no default export: write export default defineTraceServer({ … }).`)
  }
  return { ...checkConfig(said, fileName), fileName }
}

/**
 * Checks what a config file, or a program, says.
 *
 * @throws {Error} one sentence that begins with `name`
 */
export function checkConfig(said: unknown, name: string): v.InferOutput<typeof ConfigFile> {
  const result = v.safeParse(ConfigFile, said, { abortEarly: true })
  if (result.success) return result.output
  const [{ path, message, expected }] = result.issues
  const key = path?.[0].key
  if (typeof key !== 'string') throw new Error(`${name}: the default export must be an object.`)
  if (expected === 'never') {
    throw new Error(`${name}: ${key} is not known; there are ${Object.keys(ConfigFile.entries).join(', ')}.`)
  }
  throw new Error(`${name}: ${key} must be ${message}.`)
}

async function load(path: string, fileName: string): Promise<{ default?: unknown }> {
  try {
    return (await import(pathToFileURL(path).href)) as { default?: unknown }
  } catch (cause) {
    throw new Error(`${fileName} cannot be loaded${whyNotLoaded(cause, fileName)}`, { cause })
  }
}

function whyNotLoaded(cause: unknown, fileName: string): string {
  if (!(cause instanceof Error)) return `: it throws ${String(cause)}.`
  const { message, stack = '' } = cause
  if ((cause as NodeJS.ErrnoException).code === 'ERR_UNKNOWN_FILE_EXTENSION' && fileName.endsWith('.ts')) {
    return `: Node ${process.version} does not run TypeScript: use Node 22.18 or newer, or a .js file.`
  }
  const [, name] = /^Cannot find package '([^']+)'/.exec(message) ?? []
  if (name) return `: it needs the package ${name}, which is not installed: npm install ${name}.`
  // Node keeps to itself where a file cannot be parsed, unless it runs it.
  if (cause instanceof SyntaxError) return `: ${message} (node --check ${fileName} shows where).`
  const line = parseInt(stack.split(`${fileName}:`)[1] ?? '', 10)
  return `${line > 0 ? ` (line ${line})` : ''}: ${message.split('\n')[0]}.`
}
