import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { format, resolveConfig } from 'prettier'

/** Puts a report where the page on benchmarks has its place for it. */
export async function writeSection(name: string, markdown: string) {
  const path = join(import.meta.dirname, 'README.md')
  const place = new RegExp(`<!-- ${name} -->[^]*<!-- /${name} -->`)
  const section = `<!-- ${name} -->\n\n${markdown}\n\n<!-- /${name} -->`
  const text = readFileSync(path, 'utf8').replace(place, () => section)
  writeFileSync(path, await format(text, { ...(await resolveConfig(path)), parser: 'markdown' }))
}
