import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { installWithApt } from './apt.mjs'

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

/** A Chromium that can write Chinese: the machine's, or one installed now; else `null`. */
export function ensureChromium() {
  const missing = [...(findChromium() ? [] : ['chromium']), ...(canWriteChinese() ? [] : ['fonts-noto-cjk'])]
  if (missing.length > 0) installWithApt(missing)
  return findChromium()
}

/** Without a font for it the pages show boxes, and are as wide as boxes. Unknown counts as yes. */
function canWriteChinese() {
  const { status, stdout } = spawnSync('fc-list', [':lang=zh-tw'], { encoding: 'utf8' })
  return status !== 0 || stdout.trim() !== ''
}
