import { spawnSync } from 'node:child_process'
import { installWithApt } from './apt.mjs'

function isThere() {
  return spawnSync('redis-server', ['--version']).status === 0
}

/** Whether there is a redis-server: the machine's, or one installed now. */
export function ensureRedis() {
  if (!isThere()) installWithApt(['redis-server'])
  return isThere()
}
