import base from './playwright.config.js'

/** `npm run screenshots`: pictures to be looked at, not tests; they go to `screenshots/`, which git ignores. */
export default { ...base, testMatch: 'screenshots.ts', timeout: 600_000, use: { ...base.use, trace: 'off' } }
