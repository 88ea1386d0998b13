import { defineConfig } from 'vitest/config'

/** The long form of the suites, which `npm run soak` runs: what needs more machines than one. */
export default defineConfig({ test: { environment: 'node', include: ['mock-server/**/*.soak.ts'] } })
