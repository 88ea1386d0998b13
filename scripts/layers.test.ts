import { readdirSync, readFileSync } from 'node:fs'
import { join, normalize, relative, resolve, sep } from 'node:path'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'

const ROOT = resolve(import.meta.dirname, '..')

/**
 * What each folder may import: other folders of ours, and packages. The longest matching folder counts.
 * `node:` modules are a package here; `null` packages means any.
 */
const LAYERS: Record<string, { folders: string[]; packages: string[] | null }> = {
  'src/errors.ts': { folders: [], packages: [] },
  'src/messages': { folders: ['src/errors.ts', 'src/protocol'], packages: [] },
  'src/protocol': { folders: ['src/errors.ts'], packages: ['valibot'] },
  'src/json': { folders: ['src/errors.ts'], packages: [] },
  'src/records': { folders: ['src/errors.ts', 'src/protocol', 'src/json'], packages: [] },
  'src/client': {
    folders: ['src/errors.ts', 'src/protocol', 'src/json', 'src/records', 'src/messages'],
    packages: [],
  },
  'src/browser': {
    folders: ['src/errors.ts', 'src/protocol', 'src/json', 'src/records', 'src/client'],
    packages: [],
  },
  composables: { folders: ['src'], packages: ['vue', '@vueuse/core'] },
  components: { folders: ['src', 'composables'], packages: ['vue', '@vueuse/core'] },
  'mock-server/ports': { folders: ['src'], packages: [] },
  'mock-server/services': { folders: ['src', 'mock-server/ports'], packages: ['valibot'] },
  'mock-server/http': {
    folders: ['src', 'mock-server/ports', 'mock-server/services'],
    packages: ['valibot'],
  },
  'mock-server/routes': {
    folders: ['src', 'mock-server/ports', 'mock-server/services', 'mock-server/http'],
    packages: null,
  },
  'mock-server/openapi': {
    folders: ['src', 'mock-server/http', 'mock-server/services'],
    packages: ['valibot', '@valibot/to-json-schema'],
  },
  'mock-server/adapters/memory': { folders: ['src', 'mock-server/ports'], packages: [] },
  'mock-server/adapters/synthetic': { folders: ['src', 'mock-server/ports'], packages: [] },
  'mock-server/adapters/threads': {
    folders: ['src', 'mock-server/ports', 'mock-server/services', 'mock-server/adapters'],
    packages: ['node:'],
  },
  'mock-server/adapters/zlib': { folders: ['src', 'mock-server/ports'], packages: ['node:'] },
  'mock-server/adapters/contracts': {
    folders: ['src', 'mock-server/ports', 'mock-server/adapters'],
    packages: ['vitest', 'fast-check', 'node:'],
  },
  'mock-server': { folders: ['src', 'mock-server', 'docs/openapi.json'], packages: null },
  testing: {
    folders: [
      'src',
      'mock-server/ports',
      'mock-server/http',
      'mock-server/services',
      'mock-server/adapters/memory',
      'mock-server/adapters/synthetic',
    ],
    packages: ['msw'],
  },
  demo: { folders: [], packages: ['vue', 'vue-trace-progress', '@vueuse/core', 'echarts', 'vue-echarts'] },
}

const EXEMPT = /(\.test|\.test-d|\.stories|\.contract)\.ts$|(^|\/)index\.ts$|(^|\/)vite\.config\.ts$/

function sourcesIn(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .map((file) => join(folder, file).split(sep).join('/'))
    .filter((file) => /\.(ts|vue)$/.test(file) && !/(^|\/)(dist|node_modules)\//.test(file))
}

function layerOf(file: string): string | undefined {
  return Object.keys(LAYERS)
    .filter((layer) => isWithin(file, layer))
    .sort((a, b) => b.length - a.length)[0]
}

function isWithin(file: string, folder: string): boolean {
  return file === folder || file.startsWith(`${folder}/`)
}

function importsOf(file: string): string[] {
  const text = readFileSync(join(ROOT, file), 'utf8')
  const script = file.endsWith('.vue')
    ? [...text.matchAll(/<script[^>]*>([\s\S]*?)<\/script>/g)].map((match) => match[1]).join('\n')
    : text
  return ts.preProcessFile(script, true, true).importedFiles.map(({ fileName }) => fileName)
}

/** The file a relative import means, as a path from the root, without query and with its source ending. */
function resolveImport(from: string, specifier: string): string {
  const path = relative(ROOT, normalize(join(ROOT, from, '..', specifier.replace(/\?.*$/, ''))))
  return path.split(sep).join('/').replace(/\.js$/, '.ts')
}

function violations(file: string): string[] {
  const layer = layerOf(file)
  if (!layer) return [`${file} lies in no layer`]
  const { folders, packages } = LAYERS[layer]!
  return importsOf(file).flatMap((specifier) => {
    if (specifier.startsWith('.')) {
      const target = resolveImport(file, specifier)
      const allowed = [layer, ...folders].some((folder) => isWithin(target, folder))
      return allowed ? [] : [`${file} imports ${target}`]
    }
    const allowed =
      packages === null ||
      packages.some(
        (name) =>
          specifier === name ||
          specifier.startsWith(`${name}/`) ||
          (name === 'node:' && specifier.startsWith('node:')),
      )
    return allowed ? [] : [`${file} imports the package ${specifier}`]
  })
}

describe('layers', () => {
  const files = ['src', 'composables', 'components', 'mock-server', 'testing', 'demo']
    .flatMap(sourcesIn)
    .filter((file) => !EXEMPT.test(file))

  it('finds the sources', () => {
    expect(files.length).toBeGreaterThan(15)
  })

  it('lets each folder import only what its line in docs/house.md allows', () => {
    expect(files.flatMap(violations)).toEqual([])
  })

  it('sees a forbidden import', () => {
    expect(resolveImport('src/client/run/runTrace.ts', '../../browser/fetch.js')).toBe('src/browser/fetch.ts')
    expect(layerOf('src/client/run/runTrace.ts')).toBe('src/client')
    expect(LAYERS['src/client']!.folders.some((folder) => isWithin('src/browser/fetch.ts', folder))).toBe(
      false,
    )
  })
})
