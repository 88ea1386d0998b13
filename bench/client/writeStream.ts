import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createWriteStream, existsSync, mkdirSync, readFileSync, renameSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FACTORY, factoryLines } from './factoryLines.js'

export interface StreamFile {
  path: string
  bytes: number
  rows: number
}

/** The file that every contender reads, made once; made anew when its recipe changes. */
export async function writeStream(scale: number): Promise<StreamFile> {
  const shape = { ...FACTORY, containers: Math.round(FACTORY.containers * scale) }
  const recipe = readFileSync(join(import.meta.dirname, 'factoryLines.ts'), 'utf8')
  const key = createHash('sha256').update(recipe).update(JSON.stringify(shape)).digest('hex').slice(0, 12)
  const folder = join(tmpdir(), 'vue-trace-progress-bench')
  const path = join(folder, `stream-${key}.ndjson`)
  if (!existsSync(path)) {
    mkdirSync(folder, { recursive: true })
    const file = createWriteStream(`${path}.part`)
    for (const line of factoryLines(shape)) if (!file.write(line)) await once(file, 'drain')
    file.end()
    await once(file, 'close')
    renameSync(`${path}.part`, path)
  }
  return { path, bytes: statSync(path).size, rows: 2 * shape.containers * shape.rowsPerContainer }
}
