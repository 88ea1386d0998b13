import { describe } from 'vitest'
import { describeCallers } from './resultLog/callers.contract.js'
import { describeChanges } from './resultLog/changes.contract.js'
import { describeCommits } from './resultLog/commits.contract.js'
import { describeEndings } from './resultLog/endings.contract.js'
import { describeLifetimes } from './resultLog/lifetimes.contract.js'
import { createLogFixture, type MakeHarness } from './resultLog/logFixture.js'
import { describeRetries } from './resultLog/retries.contract.js'
import { describeRuns } from './resultLog/runs.contract.js'
import { describeTransitions } from './resultLog/transitions.contract.js'
import { describeWriters } from './resultLog/writers.contract.js'

/** What a harness must set up its log with. */
export const LOG_TTL = { ttlSeconds: 100, unfinishedTtlSeconds: 300 }

/** What every `ResultLog` does. */
export function describeResultLog(name: string, makeHarness: MakeHarness) {
  const fixture = createLogFixture(makeHarness)

  describe(`ResultLog: ${name}`, () => {
    describeTransitions(fixture)
    describeCommits(fixture)
    describeWriters(fixture)
    describeEndings(fixture)
    describeCallers(fixture)
    describeRetries(fixture)
    describeRuns(fixture)
    describeChanges(fixture)
    describeLifetimes(fixture)
  })
}
