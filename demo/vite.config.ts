import vue from '@vitejs/plugin-vue'
import { resolve } from 'node:path'
import { defineConfig } from 'vite'

const root = import.meta.dirname

/** The demo page: `npm run dev` serves it with hot reload, `npm start` serves the build. */
export default defineConfig({
  root,
  plugins: [vue()],
  resolve: {
    // As an application would import the package, but from source.
    alias: [
      { find: /^vue-trace-progress\/style.css$/, replacement: resolve(root, '../components/style.css') },
      { find: /^vue-trace-progress\/components$/, replacement: resolve(root, '../components/index.ts') },
      { find: /^vue-trace-progress\/core$/, replacement: resolve(root, '../src/index.ts') },
      { find: /^vue-trace-progress$/, replacement: resolve(root, '../composables/index.ts') },
    ],
  },
  server: {
    host: '127.0.0.1',
    proxy: { '/api': process.env.TRACE_API ?? 'http://127.0.0.1:8787' },
  },
  build: { target: 'es2022', outDir: 'dist', emptyOutDir: true },
})
