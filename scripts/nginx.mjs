import { spawnSync } from 'node:child_process'
import { installWithApt } from './apt.mjs'

function isThere() {
  return spawnSync('nginx', ['-v']).status === 0 && spawnSync('curl', ['--version']).status === 0
}

/** Whether there are nginx and curl: the machine's, or installed now. */
export function ensureNginx() {
  // Debian keeps nginx where only root looks.
  process.env.PATH += ':/usr/sbin'
  if (!isThere()) installWithApt(['nginx', 'curl'])
  return isThere()
}
