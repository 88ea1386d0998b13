import { readdirSync, readFileSync } from 'node:fs'
import { join, parse, resolve } from 'node:path'
import { defineConfig, type Plugin } from 'vite'

const root = import.meta.dirname

/** Puts the Lua scripts into the bundle, in place of the module that reads them from their folder. */
function inlineLua(): Plugin {
  const folder = resolve(root, 'adapters/redis/lua')
  return {
    name: 'inline-lua',
    load(id) {
      if (id !== resolve(folder, '../luaTexts.ts')) return null
      const texts = readdirSync(folder).map((file) => [
        parse(file).name,
        readFileSync(join(folder, file), 'utf8'),
      ])
      return `export const LUA_TEXTS = ${JSON.stringify(Object.fromEntries(texts))}`
    },
  }
}

/** The processes of the server, and the entries of its package, as bundles. Packages stay in node_modules. */
export default defineConfig({
  root,
  plugins: [inlineLua()],
  build: {
    ssr: true,
    target: 'node20',
    outDir: 'dist',
    emptyOutDir: true,
    sourcemap: true,
    minify: false,
    rolldownOptions: {
      input: {
        main: resolve(root, 'main.ts'),
        jobThread: resolve(root, 'jobThread.ts'),
        worker: resolve(root, 'worker.ts'),
        'trace-server': resolve(root, 'cli/traceServer.ts'),
        index: resolve(root, 'index.ts'),
        synthetic: resolve(root, 'adapters/synthetic/createSyntheticSource.ts'),
        postgres: resolve(root, 'adapters/postgres/createPostgresSource.ts'),
        duckdb: resolve(root, 'adapters/duckdb/createDuckDbSource.ts'),
        contracts: resolve(root, 'adapters/contracts/traceSource.contract.ts'),
      },
      // All in one folder: the entries are found from any chunk, by where it lies.
      output: { chunkFileNames: '[name]-[hash].js' },
    },
  },
})
