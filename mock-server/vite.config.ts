import { resolve } from 'node:path'
import { defineConfig } from 'vite'

const root = import.meta.dirname

/** The server, the threads of its jobs, and worker processes, as bundles. Packages stay in node_modules. */
export default defineConfig({
  root,
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
      },
      output: { chunkFileNames: 'chunks/[name]-[hash].js' },
    },
  },
})
