import { existsSync, readdirSync } from 'node:fs'
import { installWithApt } from './apt.mjs'

/** Debian has the programs of each release in a folder of its own, off the path. */
const RELEASES = '/usr/lib/postgresql'

function isThere() {
  return (
    existsSync(RELEASES) && readdirSync(RELEASES).some((each) => existsSync(`${RELEASES}/${each}/bin/initdb`))
  )
}

/** Whether there is a PostgreSQL server: the machine's, or one installed now. */
export function ensurePostgres() {
  if (!isThere()) installWithApt(['postgresql'])
  return isThere()
}
