// npm test: everything, in order, with one closing line. What is skipped is said; under CI it is a failure.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureChromium } from './chromium.mjs'
import { ensureNginx } from './nginx.mjs'
import { ensurePostgres } from './postgres.mjs'
import { ensureRedis } from './redis.mjs'

process.chdir(join(import.meta.dirname, '..'))

const reports = mkdtempSync(join(tmpdir(), 'trace-test-'))
const totals = { passed: 0, failed: 0, skipped: 0 }
const notes = []

/** Runs a command; its exit code decides. */
function check(title, command, args) {
  console.log(`\n— ${title}`)
  const { status } = spawnSync(command, args, { stdio: 'inherit' })
  if (status === 0) totals.passed++
  else fail(`${title} failed`)
}

/** Runs a test runner that writes a JSON report, and adds its counts. */
function suite(title, command, args, env, countsOf) {
  const report = join(reports, `${title.replace(/\W+/g, '-')}.json`)
  console.log(`\n— ${title}`)
  const { status } = spawnSync(command, args, { stdio: 'inherit', env: { ...process.env, ...env(report) } })
  let counts = null
  try {
    counts = countsOf(JSON.parse(readFileSync(report, 'utf8')))
  } catch {
    fail(`${title}: no report was written`)
    return
  }
  totals.passed += counts.passed
  totals.failed += counts.failed
  totals.skipped += counts.skipped
  if (counts.skipped > 0) notes.push(`${title}: ${counts.skipped} skipped, named above`)
  // An error outside any test (an import, a setup) fails the run without a failed test.
  if (status !== 0 && counts.failed === 0) fail(`${title} ended with code ${status}`)
}

function fail(note) {
  totals.failed++
  notes.push(note)
}

function skip(note) {
  if (process.env.CI) fail(`${note} (under CI a missing part is a failure)`)
  else {
    totals.skipped++
    notes.push(`skipped: ${note}`)
  }
}

const hasRedis = ensureRedis()
const hasNginx = ensureNginx()
const hasPostgres = ensurePostgres()

check('lint', 'npm', ['run', '--silent', 'lint'])
check('types', 'npm', ['run', '--silent', 'types'])

const vitestReport = process.env.CI ? 'default' : 'dot'
suite(
  'units, components and contracts',
  'npx',
  [
    'vitest',
    'run',
    `--reporter=${vitestReport}`,
    '--reporter=json',
    `--outputFile.json=${join(reports, 'units-components-and-contracts.json')}`,
  ],
  () => ({}),
  (report) => ({
    passed: report.numPassedTests,
    failed: report.numFailedTests,
    skipped: report.numPendingTests + report.numTodoTests,
  }),
)

check('library build', 'npm', ['run', '--silent', 'build'])
check('package exports', 'npm', ['run', '--silent', 'package:check'])

if (hasRedis) check('chaos', 'npm', ['run', '--silent', 'chaos'])
else skip('Redis suites and chaos: no redis-server here. Install it (Debian: apt-get install redis-server)')

if (!hasNginx)
  skip('downloads through nginx: no nginx or curl here. Install them (Debian: apt-get install nginx curl)')

if (!hasPostgres)
  skip('the PostgreSQL source: no PostgreSQL here. Install it (Debian: apt-get install postgresql)')

const chromium = ensureChromium()
if (chromium) {
  suite(
    'browser journeys',
    'npx',
    ['playwright', 'test', '--config', 'e2e/playwright.config.ts', '--reporter=list,json'],
    (report) => ({ CHROMIUM_PATH: chromium, PLAYWRIGHT_JSON_OUTPUT_FILE: report }),
    ({ stats }) => ({
      passed: stats.expected,
      failed: stats.unexpected + stats.flaky,
      skipped: stats.skipped,
    }),
  )
} else {
  skip(
    'browser journeys: no Chromium here. Install it (Debian: apt-get install chromium) or set CHROMIUM_PATH',
  )
}

rmSync(reports, { recursive: true, force: true })
console.log('')
for (const note of notes) console.log(note)
const { passed, failed, skipped } = totals
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`)
process.exitCode = failed > 0 ? 1 : 0
