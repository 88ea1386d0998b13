import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

const PLACES = [
  process.env.CHROMIUM_PATH,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

/** Path of a Chromium on this machine, or `null`. */
export function findChromium() {
  return PLACES.find((path) => path && existsSync(path)) ?? null
}

/** A Chromium that can write Chinese: the machine's, or, for root on Debian, one installed now; else `null`. */
export function ensureChromium() {
  const found = findChromium()
  const missing = [...(found ? [] : ['chromium']), ...(canWriteChinese() ? [] : ['fonts-noto-cjk'])]
  if (missing.length === 0 || process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return found
  console.log(`Installing ${missing.join(' and ')} with apt-get …`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  spawnSync('apt-get', ['update', '-qq'], { stdio: 'ignore', env })
  spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...missing], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env,
  })
  return findChromium()
}

/** Without a font for it the pages show boxes, and are as wide as boxes. Unknown counts as yes. */
function canWriteChinese() {
  const { status, stdout } = spawnSync('fc-list', [':lang=zh-tw'], { encoding: 'utf8' })
  return status !== 0 || stdout.trim() !== ''
}
