import vue from '@vitejs/plugin-vue'
import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { Plugin } from 'vite'
import { defineConfig } from 'vitest/config'

const root = import.meta.dirname
const EXAMPLE = /^(.+\.md)\?example=(vue|ts)$/

/**
 * Lets tests run what documents print: `./x.md?example=ts` is the first `ts` block of `x.md`. Every `.vue` file that
 * such a block imports is the document's first `vue` block.
 */
function documentExamples(): Plugin {
  const documentOf = new Map<string, { path: string; language: string }>()
  return {
    name: 'document-examples',
    enforce: 'pre',
    resolveId(id, importer) {
      const [, path, language] = EXAMPLE.exec(id) ?? []
      const from = importer && documentOf.get(importer)
      if (path && language) {
        const document = resolve(dirname(importer!), path)
        const file = `${document}.example.${language}`
        documentOf.set(file, { path: document, language })
        return file
      }
      if (!from || !id.endsWith('.vue')) return null
      const file = resolve(dirname(from.path), id)
      documentOf.set(file, { path: from.path, language: 'vue' })
      return file
    },
    load(id) {
      const example = documentOf.get(id)
      if (!example) return null
      const block = new RegExp(`^\`\`\`${example.language}\\n([^]*?)^\`\`\``, 'm')
      const [, code] = block.exec(readFileSync(example.path, 'utf8')) ?? []
      if (code === undefined) throw new Error(`${example.path} has no ${example.language} block`)
      return code
    },
  }
}

/** Pure code and servers run in Node; what touches a page runs in jsdom. */
export default defineConfig({
  plugins: [documentExamples(), vue()],
  resolve: {
    // As a user's project imports the package, but from source.
    alias: [
      { find: /^vue-trace-progress\/style.css$/, replacement: resolve(root, 'components/style.css') },
      { find: /^vue-trace-progress\/(components|testing)$/, replacement: resolve(root, '$1/index.ts') },
      { find: /^vue-trace-progress$/, replacement: resolve(root, 'composables/index.ts') },
    ],
  },
  test: {
    // A hang is told from slowness, not a slow machine from a fast one.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'node',
          environment: 'node',
          include: ['{src,mock-server,testing,scripts,bench}/**/*.test.ts'],
          exclude: ['**/node_modules/**', '**/dist/**', 'src/browser/**'],
        },
      },
      {
        extends: true,
        test: {
          name: 'dom',
          environment: 'jsdom',
          include: ['{composables,components,demo,docs}/**/*.test.ts', 'src/browser/**/*.test.ts'],
        },
      },
    ],
    typecheck: { enabled: false },
  },
})
