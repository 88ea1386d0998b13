import { spawnSync } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** What is built, and the sources each part is made from. `onDemand`: not for `npm start`. */
const TARGETS = [
  {
    name: 'server',
    script: 'build:server',
    output: 'mock-server/dist/main.js',
    sources: ['src', 'mock-server', 'docs/openapi.json'],
  },
  {
    name: 'demo page',
    script: 'build:demo',
    output: 'demo/dist/index.html',
    sources: ['src', 'composables', 'components', 'demo'],
  },
  {
    name: 'stories',
    script: 'build-storybook',
    output: 'storybook-static/index.json',
    sources: ['.storybook', 'src', 'composables', 'components', 'testing', 'mock-server'],
    onDemand: true,
  },
]

/** Builds what is missing or older than its sources; of all parts that a server needs, or of those named. */
export function buildStale(...names) {
  for (const { name, script, output, sources, onDemand = false } of TARGETS) {
    if (names.length > 0 ? !names.includes(name) : onDemand) continue
    if (modified(output) > Math.max(...['package.json', ...sources].map(newest))) continue
    console.error(`Building the ${name} …`)
    const { status, stdout, stderr } = spawnSync('npm', ['run', '--silent', script], { encoding: 'utf8' })
    if (status === 0) continue
    console.error(`${stdout}${stderr}\nThe ${name} could not be built: see above.`)
    process.exit(1)
  }
}

/** Latest modification under `path`, in ms; builds and dependencies do not count. */
function newest(path) {
  if (!statSync(path).isDirectory()) return modified(path)
  return Math.max(
    0,
    ...readdirSync(path)
      .filter((entry) => entry !== 'dist' && entry !== 'node_modules')
      .map((entry) => newest(join(path, entry))),
  )
}

function modified(file) {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0
}
