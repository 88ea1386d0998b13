import { parseArgs } from 'node:util'

/** One flag of a command. */
interface Flag {
  /** What stands for its value in the help; left out: it takes none. */
  value?: string
  short?: string
  /** The variable it sets. */
  variable?: string
  says: string
}

export type KnownFlags = Readonly<Record<string, Flag>>

const COMMON = {
  config: {
    value: 'FILE',
    variable: 'TRACE_CONFIG',
    says: 'the config file; default: trace.config.js (.mjs, .ts) of this folder, if there is one',
  },
  data: {
    value: 'DIR',
    variable: 'TRACE_SOURCE_DIR',
    says: 'a folder of Parquet, CSV or NDJSON files that is the factory',
  },
  help: { short: 'h', says: 'this text' },
  version: { says: 'the version' },
} as const satisfies KnownFlags

export const SERVER_FLAGS = {
  port: { value: 'NUMBER', variable: 'PORT', says: 'where it listens; 0 takes any free port' },
  host: { value: 'ADDRESS', variable: 'HOST', says: 'the address or name it listens on' },
  ...COMMON,
} as const satisfies KnownFlags

export const WORKER_FLAGS = {
  one: { says: 'one worker in this process, for a supervisor of your own' },
  takes: { value: 'KIND', says: 'with --one: large, small or all jobs' },
  ...COMMON,
} as const satisfies KnownFlags

export type Flags = Partial<Record<string, string | true>>

/**
 * The flags of a command line.
 *
 * @throws {Error} one sentence that names the flag
 */
export function readFlags(args: string[], known: KnownFlags): Flags {
  const options = Object.fromEntries(
    Object.entries(known).map(([name, { value, short }]) => [
      name,
      { type: value ? ('string' as const) : ('boolean' as const), ...(short && { short }) },
    ]),
  )
  const { tokens } = parseArgs({ args, options, strict: false, allowPositionals: true, tokens: true })
  const flags: Flags = {}
  for (const token of tokens) {
    if (token.kind === 'positional') throw new Error(`${token.value} is no command. ${SEE_HELP}`)
    if (token.kind === 'option-terminator') continue
    const { name, rawName, value } = token
    const flag = Object.hasOwn(known, name) ? known[name]! : null
    if (!flag) throw new Error(`${rawName} is no option. ${SEE_HELP}`)
    const isGiven = value !== undefined && value !== '' && (token.inlineValue || !value.startsWith('-'))
    if (flag.value && !isGiven) throw new Error(`${rawName} needs a value, as in --${name} ${flag.value}.`)
    if (!flag.value && value !== undefined) throw new Error(`${rawName} takes no value.`)
    flags[name] = value ?? true
  }
  return flags
}

const SEE_HELP = '--help lists what there is.'

/** One line of help for each flag. */
export function describeFlags(flags: KnownFlags): string {
  const lines = Object.entries(flags).map(([name, { value, short, says }]) => {
    const left = `${short ? `-${short}, ` : ''}--${name}${value ? ` ${value}` : ''}`
    return `  ${left.padEnd(18)}${says}`
  })
  return lines.join('\n')
}

/** The variables that flags set. */
export function environmentOf(flags: Flags, known: KnownFlags): Record<string, string> {
  return Object.fromEntries(
    Object.entries(flags).flatMap(([name, value]) => {
      const { variable } = known[name]!
      return variable && typeof value === 'string' ? [[variable, value]] : []
    }),
  )
}
