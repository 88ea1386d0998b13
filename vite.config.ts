import vue from '@vitejs/plugin-vue'
import { resolve } from 'node:path'
import { defineConfig } from 'vite'

const root = import.meta.dirname

/** The library: five ESM entries. Declarations come from vue-tsc (`npm run build:types`). */
export default defineConfig({
  plugins: [vue()],
  // The decode worker travels as a string inside the package: no bundler would minify it later.
  worker: { format: 'iife', rolldownOptions: { output: { minify: true } } },
  build: {
    target: 'es2022',
    outDir: 'dist',
    // A public folder belongs to pages, not to a library.
    copyPublicDir: false,
    minify: false,
    sourcemap: true,
    lib: {
      formats: ['es'],
      entry: {
        index: resolve(root, 'composables/index.ts'),
        core: resolve(root, 'src/index.ts'),
        components: resolve(root, 'components/index.ts'),
        testing: resolve(root, 'testing/index.ts'),
        'testing-source': resolve(root, 'testing/source.ts'),
      },
    },
    rolldownOptions: {
      external: [/^vue$/, /^@vueuse\//, /^valibot$/, /^msw(\/|$)/],
      // A module stays a module: a bundler then leaves out whole ones that a page does not import, with what they load.
      output: { preserveModules: true, preserveModulesRoot: root },
    },
  },
})
