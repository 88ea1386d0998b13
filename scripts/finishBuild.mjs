// What vite and vue-tsc leave to do in dist.
import { copyFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

// Not imported by any entry: bundlers drop a style sheet's import from a package without side effects.
await copyFile('components/style.css', 'dist/style.css')
// TypeScript 6 looks for the types of every import, of one for its effects too.
await writeFile('dist/style.css.d.ts', 'export {}\n')

// NodeNext resolves `./X.vue` to `X.d.vue.ts`, vue-tsc writes `X.vue.d.ts`: both names, so that both work.
for (const entry of await readdir('dist', { recursive: true })) {
  if (!entry.endsWith('.vue.d.ts')) continue
  await copyFile(join('dist', entry), join('dist', entry.replace(/\.vue\.d\.ts$/, '.d.vue.ts')))
}
