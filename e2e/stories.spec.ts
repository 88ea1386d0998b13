import { expect, test, type Page } from '@playwright/test'
import { axeViolations } from './axe.js'
import { changeLook, LOOKS, openStory, serveStories } from './storiesServer.js'

// Two hundred pictures of stories that succeed are of no use to anyone.
test.use({ trace: 'off' })

let stories: Awaited<ReturnType<typeof serveStories>>

test.beforeAll(async () => {
  test.setTimeout(180_000)
  stories = await serveStories()
})

test.afterAll(async () => {
  await stories?.close()
})

/**
 * Not the page's own errors: answers with status 502, which some scenarios are about; and that the mocks' worker,
 * which takes its leave when the last page has gone, was not there to be updated.
 */
const NOT_OURS = /^Failed to (load resource|update a ServiceWorker)/

/** Errors the page tells of itself. */
function errorsOf(page: Page) {
  const errors: string[] = []
  const note = (text: string) => {
    if (!NOT_OURS.test(text)) errors.push(text.slice(0, 400))
  }
  page.on('pageerror', (error) => note(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error' || message.text().startsWith('[Vue warn]')) note(message.text())
  })
  return errors
}

test('every story renders, plays, and is clean for axe, light and dark, in both languages', async ({
  page,
}) => {
  test.setTimeout(300_000)
  const found: string[] = []
  const errors = errorsOf(page)
  const own = stories.entries.filter(({ type }) => type === 'story')
  expect(own.length).toBeGreaterThan(40)
  for (const { id } of own) {
    const phase = await openStory(page, stories.url, id, LOOKS[0]!)
    if (phase !== 'completed' && phase !== 'finished') {
      found.push(`${id} ${phase}: ${(await page.locator('#error-message').innerText()).slice(0, 300)}`)
    }
    for (const look of LOOKS) {
      if (look !== LOOKS[0]) await changeLook(page, look)
      // A story is a part of a page: headings are the page's.
      const violations = await axeViolations(page, ['page-has-heading-one'])
      found.push(...violations.map((violation) => `${id} ${look.theme} ${look.locale}: ${violation}`))
    }
    found.push(...errors.splice(0).map((error) => `${id}: ${error}`))
  }
  expect(found).toEqual([])
})

test('every component has a docs page', async ({ context }) => {
  const errors: string[][] = []
  const docs = stories.entries.filter(({ type }) => type === 'docs')
  expect(docs.map(({ title }) => title)).toEqual(
    expect.arrayContaining([
      'useTraceProgress',
      'Components/TraceJobPanel',
      'Components/TraceJobsShelf',
      'Components/TraceProgressBar',
      'Components/TraceResultBanner',
      'Components/TraceTable',
    ]),
  )
  for (const { id, title } of docs) {
    // A page for each: one that is left while its mocks still start may take the next one's opening down with it.
    const page = await context.newPage()
    errors.push(errorsOf(page))
    await page.goto(`${stories.url}/iframe.html?viewMode=docs&id=${id}`)
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(title.replace(/^.*\//, ''))
    await page.close()
  }
  expect(errors.flat()).toEqual([])
})

test('headings stand over their cells, however many columns there are', async ({ page }) => {
  await page.setViewportSize({ width: 1000, height: 600 })
  await openStory(page, stories.url, 'components-tracetable--thousand-columns', LOOKS[0]!)
  const grid = page.getByRole('grid')
  for (const part of [0, 0.3, 0.7, 1]) {
    await grid.evaluate((element, part) => (element.scrollLeft = part * element.scrollWidth), part)
    const drawn = () =>
      grid.evaluate((element) => {
        const edges = (role: string) =>
          Array.from(element.querySelectorAll(`[role="row"]:has([role="${role}"])`)).map((row) =>
            Array.from(row.querySelectorAll(`[role="${role}"]`), (cell) => {
              const { left, right } = cell.getBoundingClientRect()
              return `${cell.getAttribute('aria-colindex')}: ${left.toFixed(2)} to ${right.toFixed(2)}`
            }),
          )
        const { left, right } = element.getBoundingClientRect()
        const [headings] = edges('columnheader')
        const inView = Array.from(element.querySelectorAll('[role="columnheader"]')).filter((heading) => {
          const box = heading.getBoundingClientRect()
          return box.right > left && box.left < right
        })
        return { headings, rows: edges('gridcell'), inView: inView.length }
      })
    await expect
      .poll(async () => {
        const { headings, rows, inView } = await drawn()
        return rows.length > 5 && inView > 3 && rows.every((row) => row.join() === headings!.join())
      })
      .toBe(true)
  }
})

test('a cell of any length opens by key, and gives the keyboard back', async ({ page }) => {
  for (const look of [LOOKS[0]!, LOOKS[3]!]) {
    await openStory(page, stories.url, 'components-tracetable--long-texts', look)
    const dialog = page.getByRole('dialog')
    await expect(dialog).toBeVisible()
    await expect(dialog.locator('.trace-text__part').first()).toContainText('contact check failed')
    await page.keyboard.press('Escape')
    await expect(dialog).toHaveCount(0)
    await expect(page.getByRole('grid')).toBeFocused()
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('Enter')
    await expect(dialog).toContainText('"points"')
    await page.getByRole('button', { name: look.locale === 'en' ? 'Close' : '關閉' }).click()
    await expect(page.getByRole('grid')).toBeFocused()
  }
})
