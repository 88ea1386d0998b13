import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, normalize, relative, resolve, sep } from 'node:path'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'

const ROOT = resolve(import.meta.dirname, '..')

interface Layer {
  /** Folders and files of ours that it may import. */
  folders: string[]
  /** `null`: any. */
  packages: string[] | null
}

/** The table of docs/house.md: folder, what it is for, may import, packages. */
function readLayers(markdown: string): Record<string, Layer> {
  const rows = markdown.split('\n').filter((line) => line.startsWith('| `'))
  return Object.fromEntries(
    rows.map((row) => {
      const [folder, , folders, packages] = row.split('|').slice(1, -1)
      const isAny = packages!.trim() === 'any'
      return [names(folder!)[0], { folders: names(folders!), packages: isAny ? null : names(packages!) }]
    }),
  )
}

function names(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name!)
}

const LAYERS = readLayers(readFileSync(join(ROOT, 'docs/house.md'), 'utf8'))

const EXEMPT = /(\.test|\.test-d|\.soak|\.stories|\.contract)\.ts$|(^|\/)index\.ts$|(^|\/)vite\.config\.ts$/

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

/** Each circle once, as the files it goes through. */
function circlesIn(imports: ReadonlyMap<string, readonly string[]>): string[] {
  const circles: string[] = []
  const isDone = new Set<string>()
  function walk(file: string, path: readonly string[]) {
    if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(' → '))
    if (path.includes(file) || isDone.has(file)) return
    for (const next of imports.get(file) ?? []) walk(next, [...path, file])
    isDone.add(file)
  }
  for (const file of imports.keys()) walk(file, [])
  return circles
}

describe('layers', () => {
  const files = ['src', 'composables', 'components', 'mock-server', 'testing', 'demo']
    .flatMap(sourcesIn)
    .filter((file) => !EXEMPT.test(file))

  it('finds the sources and the table', () => {
    expect(files.length).toBeGreaterThan(300)
    expect(Object.keys(LAYERS)).toContain('mock-server/adapters/redis')
    expect(Object.keys(LAYERS).filter((layer) => !existsSync(join(ROOT, layer)))).toEqual([])
  })

  it('has a row for every adapter', () => {
    const adapters = readdirSync(join(ROOT, 'mock-server/adapters')).map(
      (name) => `mock-server/adapters/${name}`,
    )
    expect(adapters.filter((adapter) => layerOf(adapter) !== adapter)).toEqual([])
  })

  it('lets each folder import only what its line in docs/house.md allows', () => {
    expect(files.flatMap(violations)).toEqual([])
  })

  it('lets no file import itself by way of others', () => {
    const imports = new Map(
      files.map((file) => [
        file,
        importsOf(file)
          .filter((specifier) => specifier.startsWith('.'))
          .map((specifier) => resolveImport(file, specifier)),
      ]),
    )
    expect(circlesIn(imports)).toEqual([])
    const circle = new Map([
      ['a', ['b']],
      ['b', ['c']],
      ['c', ['b']],
    ])
    expect(circlesIn(circle)).toEqual(['b → c → b'])
  })

  it('sees a forbidden import', () => {
    expect(resolveImport('src/client/run/runTrace.ts', '../../browser/fetch.js')).toBe('src/browser/fetch.ts')
    expect(layerOf('src/client/run/runTrace.ts')).toBe('src/client')
    expect(LAYERS['src/client']!.folders.some((folder) => isWithin('src/browser/fetch.ts', folder))).toBe(
      false,
    )
  })
})
