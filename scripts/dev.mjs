// npm run dev: the server under tsx, restarted on change, and the demo page with hot reload in front of it.
import { join } from 'node:path'
import { spawn } from 'node:child_process'
import { createServer as createProbe } from 'node:net'

process.chdir(join(import.meta.dirname, '..'))

const port = process.env.PORT ?? String(await freePort())
const children = [
  spawn(
    'npx',
    ['tsx', 'watch', '--include', 'mock-server/**/*.lua', '--clear-screen=false', 'mock-server/main.ts'],
    {
      stdio: 'inherit',
      env: { ...process.env, PORT: port },
    },
  ),
  spawn('npx', ['vite', '--config', 'demo/vite.config.ts'], {
    stdio: 'inherit',
    env: { ...process.env, TRACE_API: `http://127.0.0.1:${port}` },
  }),
]

function stop() {
  for (const child of children) child.kill('SIGTERM')
}

process.once('SIGINT', stop)
process.once('SIGTERM', stop)
for (const child of children) child.once('exit', stop)

function freePort() {
  return new Promise((resolve) => {
    const probe = createProbe().listen(0, '127.0.0.1', () => {
      const { port } = probe.address()
      probe.close(() => resolve(port))
    })
  })
}
