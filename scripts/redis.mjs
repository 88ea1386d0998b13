import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

function isThere() {
  return spawnSync('redis-server', ['--version']).status === 0
}

/** Whether there is a redis-server: the machine's, or, for root on Debian, one installed now. */
export function ensureRedis() {
  if (isThere()) return true
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return false
  console.log('Installing redis-server with apt-get …')
  // The package starts a server of its own, which nobody asked for: tests start theirs.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' }
  spawnSync('apt-get', ['update', '-qq'], { stdio: 'ignore', env })
  spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'redis-server'], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env,
  })
  return isThere()
}
