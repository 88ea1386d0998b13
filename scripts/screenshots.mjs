// npm run screenshots: pictures of stories and dashboards in screenshots/, and the README's in docs/images/.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { ensureChromium } from './chromium.mjs'

process.chdir(join(import.meta.dirname, '..'))

const chromium = ensureChromium()
if (!chromium) {
  console.error('No Chromium here. Install it (Debian: apt-get install chromium) or set CHROMIUM_PATH.')
  process.exit(1)
}
const { status } = spawnSync(
  'npx',
  ['playwright', 'test', '--config', 'e2e/screenshots.config.ts', ...process.argv.slice(2)],
  { stdio: 'inherit', env: { ...process.env, CHROMIUM_PATH: chromium } },
)
process.exitCode = status ?? 1
