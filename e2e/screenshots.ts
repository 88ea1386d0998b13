import { mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Page } from '@playwright/test'
import { expect, NO_RATE_LIMITS, startServer, test } from './server.js'
import { changeLook, LOOKS, openStory, serveStories } from './storiesServer.js'

const ROOT = join(import.meta.dirname, '..')
const WIDTHS = [1440, 390] as const
const WEEK = 'start_date=2026-05-25&end_date=2026-05-31&station=測試&direction=backward'
const PAGES = {
  defects: `#/defects?${WEEK}`,
  lots: '#/lots?profile=query_tool&resolve_type=work_order&values=GA26113824',
} as const

async function shoot(page: Page, name: string, fullPage = true) {
  const path = join(ROOT, 'screenshots', `${name}.png`)
  mkdirSync(dirname(path), { recursive: true })
  await page.screenshot({ path, fullPage })
}

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

test('the dashboards', async ({ browser }) => {
  const server = await startServer({ TRACE_SYNTHETIC_DELAY_MS: '300', ...NO_RATE_LIMITS })
  for (const { theme, locale } of LOOKS) {
    for (const width of WIDTHS) {
      const context = await browser.newContext({
        viewport: { width, height: 900 },
        colorScheme: theme,
        locale: locale === 'en' ? 'en' : 'zh-TW',
      })
      for (const [name, address] of Object.entries(PAGES)) {
        const page = await context.newPage()
        const look = `${theme}-${locale}-${width}`
        await page.goto(server.url + `#/${name}`)
        await shoot(page, `${name}/idle-${look}`)
        await page.goto(server.url + address)
        await page.reload()
        await page.getByRole('gridcell').first().waitFor({ timeout: 60_000 })
        await shoot(page, `${name}/running-${look}`)
        await page.locator('.trace-banner--complete').waitFor({ timeout: 60_000 })
        if (name === 'lots') {
          await page.locator('.lineage > button').click()
          await page.locator('button.branch__lot').first().click()
        }
        await page.waitForTimeout(600)
        await shoot(page, `${name}/done-${look}`)
        await page.close()
      }
      await context.close()
    }
  }
  await server.stop()
})

test('the stories', async ({ page }) => {
  const stories = await serveStories()
  for (const { id, type } of stories.entries) {
    if (type !== 'story') continue
    await page.setViewportSize({ width: 1440, height: 700 })
    await openStory(page, stories.url, id, LOOKS[0]!)
    for (const look of LOOKS) {
      await changeLook(page, look)
      for (const width of WIDTHS) {
        await page.setViewportSize({ width, height: 700 })
        await shoot(page, `stories/${id}-${look.theme}-${look.locale}-${width}`, false)
      }
    }
  }
  await stories.close()
})
