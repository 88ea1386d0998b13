import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createWriteStream, existsSync, mkdirSync, readFileSync, renameSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FACTORY, factoryAnswer, factoryLines, SYNCHRONOUS } from './factoryLines.js'

export interface StreamFile {
  path: string
  bytes: number
  rows: number
}

/** The file that every contender reads, made once; made anew when its recipe changes. */
export function writeStream(scale: number): Promise<StreamFile> {
  return write(factoryLines, atScale(FACTORY, scale), 'stream.ndjson')
}

/** What a server answers at once, as lines and as one JSON object. */
export async function writeSynchronous(scale: number): Promise<{ lines: StreamFile; answer: StreamFile }> {
  const shape = atScale(SYNCHRONOUS, scale)
  return {
    lines: await write(factoryLines, shape, 'stream.ndjson'),
    answer: await write(factoryAnswer, shape, 'answer.json'),
  }
}

function atScale(shape: typeof FACTORY, scale: number): typeof FACTORY {
  return { ...shape, containers: Math.round(shape.containers * scale) }
}

async function write(
  text: (shape: typeof FACTORY) => Generator<string>,
  shape: typeof FACTORY,
  name: string,
): Promise<StreamFile> {
  const recipe = readFileSync(join(import.meta.dirname, 'factoryLines.ts'), 'utf8')
  const key = createHash('sha256').update(recipe).update(JSON.stringify(shape)).digest('hex').slice(0, 12)
  const folder = join(tmpdir(), 'vue-trace-progress-bench')
  const path = join(folder, `${key}-${name}`)
  if (!existsSync(path)) {
    mkdirSync(folder, { recursive: true })
    const file = createWriteStream(`${path}.part`)
    for (const piece of text(shape)) if (!file.write(piece)) await once(file, 'drain')
    file.end()
    await once(file, 'close')
    renameSync(`${path}.part`, path)
  }
  return { path, bytes: statSync(path).size, rows: 2 * shape.containers * shape.rowsPerContainer }
}
