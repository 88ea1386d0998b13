import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

/** Pure code and servers run in Node; what touches a page runs in jsdom. */
export default defineConfig({
  plugins: [vue()],
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
          include: ['{composables,components,demo}/**/*.test.ts', 'src/browser/**/*.test.ts'],
        },
      },
    ],
    typecheck: { enabled: false },
  },
})
