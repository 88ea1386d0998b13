import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'vitest'
import { freePort } from './startTestRedis.js'

// Debian keeps nginx where only root looks.
const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` }
const isInstalled = (command: string, arg: string) => spawnSync(command, [arg], { env }).status === 0
const MISSING = [
  ...(isInstalled('nginx', '-v') ? [] : ['nginx']),
  ...(isInstalled('curl', '--version') ? [] : ['curl']),
  ...(isInstalled('redis-server', '--version') ? [] : ['redis-server']),
].join(', ')

/** Runs `suite` where nginx, curl and Redis are; elsewhere it is skipped and its name says why, or fails in CI. */
export function describeWithNginx(name: string, suite: () => void) {
  if (!MISSING) return describe(name, suite)
  if (!process.env.CI) return describe.skip(`${name} (skipped: ${MISSING} not installed)`, suite)
  describe(name, () => {
    it('has nginx, curl and redis-server to run on', () => {
      throw new Error(`${MISSING} not installed; CI must run this suite`)
    })
  })
}

/** An nginx of the test's own in front of `upstream`, with Debian's settings, and a `location` for each of `locations`. */
export async function startTestNginx(upstream: string, locations: Record<string, string>) {
  const dir = mkdtempSync(join(tmpdir(), 'trace-nginx-'))
  // Its workers are not root.
  chmodSync(dir, 0o755)
  const port = await freePort()
  const places = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path ${dir}/${kind};`,
  )
  const blocks = Object.entries(locations).map(
    ([path, directives]) => `location ${path}/ { proxy_pass ${upstream}/; ${directives} }`,
  )
  const config = `pid ${dir}/pid; daemon off; worker_processes 1; error_log ${dir}/error.log;
events { worker_connections 768; }
http {
  sendfile on; tcp_nopush on; gzip on; access_log off;
  ${places.join('\n  ')}
  server { listen 127.0.0.1:${port}; ${blocks.join('\n    ')} }
}
`
  const path = join(dir, 'nginx.conf')
  writeFileSync(path, config)
  const child = spawn('nginx', ['-c', path, '-e', join(dir, 'error.log')], { stdio: 'inherit', env })
  const ended = once(child, 'exit')
  const url = `http://127.0.0.1:${port}`
  for (;;) {
    if (child.exitCode !== null) throw new Error(`nginx ended with ${child.exitCode}:\n${config}`)
    const isUp = await fetch(url).then(
      () => true,
      () => false,
    )
    if (isUp) break
    await new Promise((resolve) => setTimeout(resolve, 20))
  }

  return {
    url,
    async close() {
      child.kill('SIGTERM')
      await ended
      rmSync(dir, { recursive: true, force: true })
    },
  }
}
