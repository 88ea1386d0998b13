// NodeNext resolves `./X.vue` to `X.d.vue.ts`, vue-tsc writes `X.vue.d.ts`: both names, so that both work.
import { copyFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'

for (const entry of await readdir('dist', { recursive: true })) {
  if (!entry.endsWith('.vue.d.ts')) continue
  await copyFile(join('dist', entry), join('dist', entry.replace(/\.vue\.d\.ts$/, '.d.vue.ts')))
}
