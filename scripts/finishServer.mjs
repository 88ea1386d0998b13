// What vite and vue-tsc leave to do in the server's package: it has what its entries' declarations need, its licence,
// and the explanation of its settings.
import { cpSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

const packageDir = resolve(import.meta.dirname, '../mock-server')
const { exports } = JSON.parse(readFileSync(join(packageDir, 'package.json'), 'utf8'))

/** Declarations that an entry needs, itself among them. */
const needed = new Set()

function need(file) {
  if (needed.has(file)) return
  needed.add(file)
  const text = readFileSync(file, 'utf8')
  for (const [, path] of text.matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)) {
    need(resolve(dirname(file), path.replace(/\.js$/, '.d.ts')))
  }
}

for (const entry of Object.values(exports)) if (entry.types) need(resolve(packageDir, entry.types))
const types = join(packageDir, 'dist/types')
for (const file of readdirSync(types, { recursive: true })) {
  if (file.endsWith('.d.ts') && !needed.has(join(types, file))) rmSync(join(types, file))
}

// As old as they are, or `npm start` would take the server for stale.
for (const file of ['LICENSE', '.env.example']) {
  cpSync(resolve(packageDir, '..', file), join(packageDir, file), { preserveTimestamps: true })
}
