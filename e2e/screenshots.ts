import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Locator, Page } from '@playwright/test'
import { endStreams, jobFails, lastDomainFails } from './endings.js'
import { expect, NO_RATE_LIMITS, startServer, test as base, type RunningServer } from './server.js'
import { changeLook, LOOKS, openStory, serveStories, type Look } from './storiesServer.js'

const ROOT = join(import.meta.dirname, '..')
const FOLDER = join(ROOT, 'screenshots')
const WIDTHS = [1440, 390] as const

/** Slow enough for eight pictures of a running trace: three seconds for each query. */
const test = base.extend<object, { slowServer: RunningServer; quickServer: RunningServer }>({
  slowServer: [
    async ({}, use) => {
      const server = await startServer({ TRACE_SYNTHETIC_DELAY_MS: '3000', ...NO_RATE_LIMITS })
      await use(server)
      await server.stop()
    },
    { scope: 'worker', timeout: 180_000 },
  ],
  quickServer: [
    async ({}, use) => {
      const server = await startServer(NO_RATE_LIMITS)
      await use(server)
      await server.stop()
    },
    { scope: 'worker', timeout: 180_000 },
  ],
})

const DASHBOARDS = {
  defects: '?start_date=2026-05-25&end_date=2026-05-31&station=測試&direction=backward',
  'defects-forward': '?start_date=2026-05-31&end_date=2026-05-31&station=切割&direction=forward',
  lots: '?profile=query_tool&resolve_type=work_order&values=GA26113824',
} as const

/** What has been taken, for the page that shows all of it. */
const taken: string[] = []

async function shoot(target: Page | Locator, name: string, options: { fullPage?: boolean } = {}) {
  const path = join(FOLDER, `${name}.png`)
  mkdirSync(dirname(path), { recursive: true })
  await target.screenshot({ path, ...options })
  taken.push(`${name}.png`)
}

test.afterAll(() => {
  mkdirSync(FOLDER, { recursive: true })
  const figures = taken.map(
    (file) => `<figure><figcaption>${file}</figcaption><img src="${file}" loading="lazy" alt=""></figure>`,
  )
  writeFileSync(
    join(FOLDER, 'index.html'),
    `<!doctype html><meta charset="utf-8"><title>Screenshots</title>
<style>body{font:13px sans-serif;background:#888}figure{display:inline-block;margin:8px;vertical-align:top}
img{max-width:46vw}</style>\n${figures.join('\n')}\n`,
  )
})

test('the picture of the README: the defect dashboard while its rows arrive', async ({ browser }) => {
  const server = await startServer()
  const context = await browser.newContext({ viewport: { width: 1440, height: 1000 }, colorScheme: 'light' })
  const page = await context.newPage()
  await page.goto(server.url)
  await page.getByRole('button', { name: 'Start' }).click()
  // Both kinds of rows are coming: stations, machines and materials have something to show.
  await expect
    .poll(
      async () => Number((await page.locator('[role="progressbar"]').getAttribute('aria-valuenow')) ?? 0),
      {
        timeout: 120_000,
      },
    )
    .toBeGreaterThan(62)
  await page.waitForTimeout(1500)
  await page.screenshot({ path: join(ROOT, 'docs/images/demo.png') })
  await context.close()
  await server.stop()
})

for (const [name, query] of Object.entries(DASHBOARDS)) {
  test(`the dashboard ${name}`, async ({ page, slowServer, quickServer }) => {
    const address = `/#/${name.split('-')[0]}`
    const lookAt = (state: string) => lookAll(page, `${name}/${state}`)
    const end = page.locator('.trace-banner')

    await page.goto(slowServer.url + address)
    await lookAt('idle')
    await page.goto(slowServer.url + address + query)
    // The first row of a domain comes with its first containers.
    await page.getByRole('gridcell').first().waitFor({ timeout: 60_000 })
    await lookAt('running')

    await page.goto(quickServer.url + address + query)
    await end.waitFor({ timeout: 60_000 })
    if (name === 'lots') {
      await page.locator('.lineage > button').click()
      await page.locator('button.branch__lot').first().click()
    }
    await lookAt('done')

    for (const [state, ending] of Object.entries({ partial: lastDomainFails, failed: jobFails })) {
      await endStreams(page, ending)
      await page.goto('about:blank')
      await page.goto(quickServer.url + address + query)
      await end.waitFor({ timeout: 60_000 })
      await lookAt(state)
      await page.unrouteAll()
    }
  })
}

/** The open page in every look, without losing its state. */
async function lookAll(page: Page, name: string) {
  for (const look of LOOKS) {
    await page.emulateMedia({ colorScheme: look.theme })
    await speak(page, look.locale)
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 900 })
      // Charts are drawn anew a moment after.
      await page.waitForTimeout(250)
      await shoot(page, `${name}-${look.theme}-${look.locale}-${width}`, { fullPage: true })
    }
  }
  await speak(page, 'en')
}

async function speak(page: Page, locale: Look['locale']) {
  if ((await page.locator('html').getAttribute('lang')) === locale) return
  await page.getByRole('button', { name: /^(中文|English)$/ }).click()
  await page.mouse.move(0, 0)
}

test('the stories', async ({ page }) => {
  const stories = await serveStories()
  const own = stories.entries.filter(({ type }) => type === 'story')
  for (const [at, { id }] of own.entries()) {
    await openStory(page, stories.url, id, LOOKS[0]!)
    for (const look of LOOKS) {
      await changeLook(page, look)
      for (const width of WIDTHS) {
        await page.setViewportSize({ width, height: 700 })
        const [component, story] = id.replace('components-', '').split('--')
        await shoot(
          page.locator('.story'),
          `stories/${component}/${story}-${look.theme}-${look.locale}-${width}`,
        )
      }
    }
    if (at % 10 === 9 || at === own.length - 1) console.log(`${at + 1} of ${own.length} stories`)
  }
  await stories.close()
})
