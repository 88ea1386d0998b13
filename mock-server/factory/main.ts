import { SingleBar } from 'cli-progress'
import { parseArgs } from 'node:util'
import { createParquetTarget } from './createParquetTarget.js'
import { createPostgresTarget } from './createPostgresTarget.js'
import { planFactory } from './planFactory.js'
import { createFamilyReader } from './readFamilyTables.js'
import { writeFactory } from './writeFactory.js'

const HELP = `Writes the synthetic factory into a database, or into a folder of Parquet files.

  npm run factory -- --to postgres://user:password@host/database
  npm run factory -- --to ./my-factory --lots 2000

  --to    where: an empty PostgreSQL database, or an empty folder
  --lots  how many lots, the last of them tested at the end of May 2026; families are
          whole, so that some more are written. Default 167000: whatever was tested
          from January to May 2026, and all that it was made of.

A run that was ended (Ctrl-C) goes on when it is started again.
`
const DEFAULT_LOTS = 167_000

const controller = new AbortController()
process.once('SIGINT', () => controller.abort(new Error('Ended. Start it again to go on.')))

try {
  await main()
} catch (cause) {
  console.error(cause instanceof Error ? cause.message : String(cause))
  process.exitCode = 1
}

async function main() {
  const { to, lots } = readArguments()
  if (to === undefined) return void process.stdout.write(HELP)
  const plan = planFactory(lots)
  const { schema } = createFamilyReader(plan.families)
  const target = /^postgres(ql)?:/.test(to)
    ? await createPostgresTarget(to, schema)
    : createParquetTarget(to, schema)
  const bar = new SingleBar({ format: '{bar} {percentage} % of {lots} lots, {eta_formatted} to go' })
  try {
    let isBegun = false
    await writeFactory(target, plan, {
      signal: controller.signal,
      onProgress(done, all) {
        if (!isBegun) bar.start(all, done, { lots: plan.lots })
        isBegun = true
        bar.update(done)
      },
    })
  } finally {
    bar.stop()
    await target.close()
  }
}

/** @throws {Error} one sentence for what cannot be read */
function readArguments(): { to?: string; lots: number } {
  const { values } = parseArgs({
    options: {
      to: { type: 'string' },
      lots: { type: 'string', default: String(DEFAULT_LOTS) },
      help: { type: 'boolean' },
    },
  })
  const lots = Number(values.lots)
  if (!Number.isInteger(lots) || lots < 1)
    throw new Error(`--lots must be a whole number from 1 on, not ${values.lots}.`)
  return { to: values.help ? undefined : values.to, lots }
}
