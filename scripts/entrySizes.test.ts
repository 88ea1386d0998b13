import vue from '@vitejs/plugin-vue'
import { join, resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build, type Rolldown } from 'vite'
import { describe, expect, it } from 'vitest'

const ROOT = resolve(import.meta.dirname, '..')
const KB = 1000

interface Sizes {
  /** What must be there before the first line runs. */
  static: number
  /** What is loaded when it is needed. */
  lazy: number
}

/** Bytes, minified and gzipped, of what a page's bundler makes of an import, with every dependency but vue. */
async function sizesOf(code: string): Promise<Sizes> {
  const entry = join(ROOT, 'entry.ts')
  const result = await build({
    root: ROOT,
    configFile: false,
    logLevel: 'silent',
    define: { 'process.env.NODE_ENV': '"production"' },
    plugins: [
      {
        name: 'entry',
        enforce: 'pre',
        resolveId(id) {
          if (id === entry) return id
          // The package says that its modules do nothing by themselves; a worker does.
          if (id.endsWith('.worker.ts')) return { id, moduleSideEffects: true }
          // The worker has a budget of its own.
          return id.includes('?worker') ? '\0worker' : null
        },
        load(id) {
          if (id === '\0worker') return 'export default class {}'
          return id === entry ? code : null
        },
      },
      vue(),
    ],
    build: {
      write: false,
      target: 'es2022',
      lib: { formats: ['es'], entry },
      rolldownOptions: { external: ['vue'], output: { minify: true } },
    },
  })
  const chunks = (result as Rolldown.RolldownOutput[])[0]!.output.filter((file) => file.type === 'chunk')
  const isStatic = new Set<string>()
  function visit({ fileName, imports }: Rolldown.OutputChunk) {
    if (isStatic.has(fileName)) return
    isStatic.add(fileName)
    for (const chunk of chunks) if (imports.includes(chunk.fileName)) visit(chunk)
  }
  visit(chunks.find(({ isEntry }) => isEntry)!)
  const sizes: Sizes = { static: 0, lazy: 0 }
  for (const { fileName, code } of chunks) {
    sizes[isStatic.has(fileName) ? 'static' : 'lazy'] += gzipSync(code, { level: 9 }).length
  }
  return sizes
}

const CORE = `'${join(ROOT, 'src/index.ts')}'`

describe('the size of what a page loads, gzipped, with every dependency but vue', () => {
  it.each([
    ['a page that traces', '{ createTrace, useTraceProgress }', 8.3 * KB],
    // With the sorts and sums of lists that a page makes itself.
    ['everything', '*', 15.2 * KB],
  ])('entry: what there must be before the first question, %s', async (_, names, budget) => {
    const sizes = await sizesOf(`export ${names} from '${join(ROOT, 'composables/index.ts')}'`)
    expect(sizes.static).toBeLessThan(budget)
  })

  it('entry: 38 kB more with the first question, the decoder for pages without workers included', async () => {
    const sizes = await sizesOf(`export * from '${join(ROOT, 'composables/index.ts')}'`)
    expect(sizes.lazy).toBeLessThan(38 * KB)
  })

  it('decode worker: 10.5 kB', async () => {
    const sizes = await sizesOf(`import '${join(ROOT, 'src/browser/decodeWorker/decode.worker.ts')}'`)
    expect(sizes.static + sizes.lazy).toBeLessThan(10.5 * KB)
  })

  it.each([
    ['nothing at all', '{}', 50],
    ['errors', '{ TraceError, isTraceError }', 1 * KB],
    ['the line decoder', '{ createNdjsonDecoder }', 2.4 * KB],
    ['rows', '{ RecordList, rowsToBatch }', 5.6 * KB],
    ['texts of errors', '{ messageOf }', 3.5 * KB],
    ['a run', '{ runTrace }', 18.8 * KB],
  ])('core: no more than what is used of it, %s', async (_, names, budget) => {
    const sizes = await sizesOf(names === '{}' ? `import ${CORE}` : `export ${names} from ${CORE}`)
    expect(sizes.static).toBeLessThan(budget)
  })
})
