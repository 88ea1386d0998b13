import about from '../package.json' with { type: 'json' }
import { fail } from '../configOrExit.js'
import { environmentOf, readFlags, type Flags, type KnownFlags } from './readFlags.js'

/** This process's flags, and the variables they set; `--help`, `--version` and mistakes end the process. */
export function commandLine(
  known: KnownFlags,
  help: string,
): { flags: Flags; environment: Record<string, string> } {
  const flags = flagsOrExit(known)
  if (flags.help) print(help)
  if (flags.version) print(`${about.version}\n`)
  return { flags, environment: environmentOf(flags, known) }
}

function flagsOrExit(known: KnownFlags): Flags {
  try {
    return readFlags(process.argv.slice(2), known)
  } catch (cause) {
    fail((cause as Error).message)
  }
}

function print(text: string): never {
  process.stdout.write(text)
  process.exit(0)
}
