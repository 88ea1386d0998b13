import { readFile } from 'node:fs/promises'
import type { Page } from '@playwright/test'
import { exampleValues } from '../mock-server/adapters/synthetic/exampleValues.js'
import { axeViolations } from './axe.js'
import { endStreams, jobFails, lastDomainFails } from './endings.js'
import { expect, NO_RATE_LIMITS, startServer, test as base, type RunningServer } from './server.js'

/** Servers for pages that ask much; one slow enough to be looked at: a second for each 1,000 containers. */
const test = base.extend<object, { server: RunningServer; slowServer: RunningServer }>({
  server: [
    async ({}, use) => {
      const server = await startServer(NO_RATE_LIMITS)
      await use(server)
      await server.stop()
    },
    { scope: 'worker', timeout: 90_000 },
  ],
  slowServer: [
    async ({}, use) => {
      const server = await startServer({ TRACE_SYNTHETIC_DELAY_MS: '1000', ...NO_RATE_LIMITS })
      await use(server)
      await server.stop()
    },
    { scope: 'worker', timeout: 90_000 },
  ],
})

const WEEK = '#/defects?start_date=2026-05-25&end_date=2026-05-31&station=測試&direction=backward'
const DAY = '#/defects?start_date=2026-05-31&end_date=2026-05-31&station=測試&direction=backward'
const LOTS = '#/lots?profile=query_tool&resolve_type=work_order&values=GA26113824'

function status(page: Page) {
  return page.getByRole('status')
}

async function rowsCame(page: Page) {
  await expect(page.getByRole('gridcell').first()).toBeVisible({ timeout: 30_000 })
}

async function isComplete(page: Page) {
  await expect(status(page)).toHaveText('Complete', { timeout: 60_000 })
}

/** Jobs that this page has asked for: POSTs to events. */
function countAsked(page: Page) {
  const asked: string[] = []
  page.on('request', (request) => {
    if (request.method() === 'POST' && /\/api\/trace\/(run|events)/.test(request.url()))
      asked.push(request.url())
  })
  return asked
}

test('a defect trace, from the question to the charts, the rows behind a bar, and a file', async ({
  page,
  slowServer,
}) => {
  await page.goto(slowServer.url)
  await page.getByText('A day', { exact: true }).click()
  await page.getByRole('button', { name: 'Start' }).click()

  // While it runs: the lots at once, figures marked as interim.
  await expect(
    page.getByRole('region', { name: 'Lots to start from' }).getByRole('listitem').first(),
  ).toBeVisible({ timeout: 30_000 })
  await rowsCame(page)
  await expect(page.getByRole('region', { name: 'Stations' }).getByText('interim')).toBeVisible()
  await isComplete(page)

  await expect(page.getByText('interim')).toHaveCount(0)
  await expect(page.locator('.chart canvas')).toHaveCount(7)
  expect(new URL(page.url()).hash).toContain('start_date=2026-05-31')

  // A bar, by its table: what a click on the canvas does too.
  const machines = page.getByRole('region', { name: 'Machines' })
  await machines.getByRole('button', { name: 'Table: Machines' }).click()
  const bar = machines.locator('tbody button').first()
  const machine = (await bar.innerText()).trim()
  await bar.click()
  await expect(page.locator('.chip')).toContainText(machine)
  await expect(page.locator('.trace-table__counts')).toHaveText(/^[\d,]+ of [\d,]+ rows match$/)
  await expect(page.getByRole('gridcell', { name: machine }).first()).toBeVisible()
  await page.getByRole('button', { name: 'Remove the filter' }).click()
  await expect(page.locator('.trace-table__counts')).toHaveText(/^[\d,]+ rows$/)

  const rowCount = Number(await page.getByRole('grid').getAttribute('aria-rowcount')) - 1
  const download = page.waitForEvent('download')
  await page.getByRole('link', { name: 'CSV' }).click()
  const file = await readFile(await (await download).path())
  expect([...file.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf])
  const lines = file.toString('utf8').trimEnd().split('\r\n')
  expect(lines[0]).toContain('CONTAINERID,WORKCENTERNAME')
  expect(lines.length - 1).toBe(rowCount)
})

test('a click on a bar of the canvas filters the rows', async ({ page, server }) => {
  await page.goto(server.url + DAY)
  await isComplete(page)
  const canvas = page.getByRole('region', { name: 'Machines' }).locator('canvas')
  const box = (await canvas.boundingBox())!
  await canvas.click({ position: { x: box.width * 0.45, y: 12 } })
  await expect(page.locator('.chip')).toContainText(/G[A-Z]+-\d+/)
})

test('columns come with what scrolls into view, under their headings', async ({ page, server }) => {
  await page.goto(server.url + DAY)
  await isComplete(page)
  const grid = page.getByRole('grid')
  /** How far each drawn cell of a row is from its heading, and whether each heading in view has a cell. */
  const offsets = () =>
    grid.evaluate((grid) => {
      const left = (element: Element) => Math.round(element.getBoundingClientRect().left)
      const cells = [...grid.querySelectorAll('[aria-rowindex]:not([aria-rowindex="1"])')].at(-1)!.children
      const headings = [...grid.querySelectorAll('[role="columnheader"]')]
      const drawn = [...cells].map((cell) => headings[Number(cell.getAttribute('aria-colindex')) - 1]!)
      const { left: start, right: end } = grid.getBoundingClientRect()
      const inView = headings.filter((heading) => {
        const box = heading.getBoundingClientRect()
        return box.right > start + 1 && box.left < end - 1
      })
      return {
        isAligned: [...cells].every((cell, at) => left(cell) === left(drawn[at]!)),
        isWhole: inView.every((heading) => drawn.includes(heading)),
        drawn: drawn.length,
        all: headings.length,
      }
    })
  await page.setViewportSize({ width: 480, height: 800 })
  await grid.hover()
  for (const keys of ['Home', 'End', 'ArrowLeft']) {
    await grid.press(keys)
    await expect.poll(offsets).toMatchObject({ isAligned: true, isWhole: true })
  }
  await page.mouse.wheel(-200, 0)
  await expect.poll(offsets).toMatchObject({ isAligned: true, isWhole: true })
  const { drawn, all } = await offsets()
  expect(drawn).toBeLessThan(all)
})

test('a lot query, with a tab for each domain, its lineage and a file', async ({ page, server }) => {
  await page.goto(server.url + LOTS)
  await isComplete(page)
  const tabs = page.getByRole('tab')
  // Those of the question, and the seeds.
  await expect(tabs).toHaveCount(6)
  await tabs.nth(2).click()
  await expect(page.getByRole('columnheader', { name: 'Loss reason' })).toBeAttached()

  await page.getByRole('button', { name: 'Show the lineage' }).click()
  const lot = page.getByRole('region', { name: 'Lineage' }).getByRole('button', { expanded: false }).first()
  await lot.click()
  await expect(page.locator('.branch .branch li').first()).toBeVisible()

  const download = page.waitForEvent('download')
  await page.getByRole('link', { name: 'NDJSON' }).click()
  const file = await readFile(await (await download).path(), 'utf8')
  const rows = file.trimEnd().split('\n')
  expect(rows.length).toBe(Number(await page.getByRole('grid').getAttribute('aria-rowcount')) - 1)
  expect(JSON.parse(rows[0]!)).toHaveProperty('LOSSREASONNAME')
})

test('a lot query backward, from serial numbers to the wafers', async ({ page, server }) => {
  await page.goto(server.url + '#/lots')
  await page.getByLabel('Question').selectOption({ label: 'Where did they come from?' })
  await page.getByRole('button', { name: 'Start' }).click()
  await isComplete(page)
  await rowsCame(page)
  expect(new URL(page.url()).hash).toContain('profile=query_tool_reverse')
  await page.getByRole('button', { name: 'Show the lineage' }).click()
  const lineage = page.getByRole('region', { name: 'Lineage' })
  for (let depth = 0; depth < 6 && (await lineage.getByText('WAFER').count()) === 0; depth++) {
    await lineage.getByRole('button', { expanded: false }).first().click()
  }
  await expect(lineage.getByText('WAFER').first()).toBeVisible()
})

test('a question that no lot answers says so, without rows or errors', async ({ page, server }) => {
  await page.goto(server.url + '#/lots?profile=query_tool&resolve_type=lot_id&values=NOWHERE')
  await isComplete(page)
  await expect(page.locator('.trace-banner')).toContainText('No lot matches the question.')
  await expect(page.getByRole('gridcell')).toHaveCount(0)
})

test('values that do not exist are told beside what was found, in both languages', async ({
  page,
  server,
}) => {
  const known = exampleValues('lot_id', 900)
  const unknown = Array.from({ length: 300 }, (_, at) => `NOWHERE-${at}`)
  await page.goto(server.url + '#/lots')
  await page.getByLabel('Values, one per line').fill([...known, ...unknown].join('\n'))
  await page.getByRole('button', { name: 'Start' }).click()
  await isComplete(page)
  const banner = page.locator('.trace-banner')
  await expect(banner).toContainText('Complete')
  await expect(banner.locator('summary')).toHaveText('300 of 1,200 not found')

  await banner.locator('summary').click()
  await expect(banner.getByRole('list', { name: 'Values not found' }).getByRole('listitem')).toHaveText(
    unknown,
  )
  for (const width of [1280, 390]) {
    await page.setViewportSize({ width, height: 844 })
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      expect(await axeViolations(page), `${width} px, ${colorScheme}`).toEqual([])
    }
  }

  await page.getByRole('button', { name: '中文' }).click()
  await expect(banner).toContainText('完成')
  await expect(banner.locator('summary')).toHaveText('1,200 個查詢值中有 300 個查無資料')
})

test('a reload in mid-stream goes on with the same job', async ({ page, slowServer }) => {
  const asked = countAsked(page)
  await page.goto(slowServer.url + WEEK)
  await rowsCame(page)
  expect(asked.length).toBe(1)
  await page.reload()
  await rowsCame(page)
  expect(asked.length).toBe(1)
  await isComplete(page)
  // What the first stages found is told by the same job.
  await expect(page.locator('.trace-progress')).toContainText('2,667 seeds')
  await expect(page.locator('.trace-progress')).toContainText('5,996 containers')
  await expect(page.getByText('Lots to start from 2,667')).toBeVisible()
  await expect(page.locator('.chart canvas')).toHaveCount(7)
})

test('the stream is fetched off the page, unless something looks at the requests of the page', async ({
  page,
  server,
}) => {
  const streamsOfThePage = () =>
    page.evaluate(
      () => performance.getEntriesByType('resource').filter(({ name }) => /\/stream\b/.test(name)).length,
    )
  await page.goto(server.url + WEEK)
  await rowsCame(page)
  await isComplete(page)
  expect(await streamsOfThePage()).toBe(0)

  await page.addInitScript(() => {
    const own = window.fetch
    window.fetch = (...request) => own(...request)
  })
  await page.goto('about:blank')
  await page.goto(server.url + WEEK.replaceAll('05-25', '05-24'))
  await rowsCame(page)
  await isComplete(page)
  expect(await streamsOfThePage()).toBeGreaterThan(0)
})

test('a second tab at the same address shares the job; leaving and coming back finds it', async ({
  page,
  context,
  slowServer,
}) => {
  await page.goto(slowServer.url + WEEK + '&loss_reasons=短路')
  await rowsCame(page)
  const second = await context.newPage()
  const asked = countAsked(second)
  await second.goto(page.url())
  await rowsCame(second)

  // Away to the other dashboard, and back: the rows are still there.
  await page.getByRole('link', { name: 'Lot query' }).click()
  await expect(page.getByRole('heading', { name: 'Lot query' })).toBeVisible()
  await page.goBack()
  await isComplete(page)
  await isComplete(second)
  expect(asked).toEqual([])
  await second.close()

  // Opened without a question: the shelf offers what was left.
  await page.goto('about:blank')
  await page.goto(slowServer.url)
  await page.getByRole('button', { name: /^Go on watching/ }).click()
  await isComplete(page)
})

test('a job is cancelled and asked again by keyboard, which never loses its place', async ({
  page,
  slowServer,
}) => {
  await page.goto(slowServer.url + WEEK + '&loss_reasons=開路')
  await rowsCame(page)
  await page.getByRole('button', { name: 'Cancel job' }).focus()
  await page.keyboard.press('Enter')
  await expect(status(page)).toHaveText('Stopped')
  const again = page.getByRole('button', { name: 'Try again' })
  await expect(again).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('button', { name: 'Stop watching' })).toBeFocused()
  await isComplete(page)
  await expect(page.locator('.trace-job')).toBeFocused()
})

test('any other question of the server is asked by a form of its own making', async ({ page, server }) => {
  await page.goto(server.url + '#/any')
  await page.getByLabel('Stations').selectOption(['測試', '電鍍'])
  await page.getByRole('button', { name: 'Start' }).click()
  await isComplete(page)
  expect(page.url()).toContain('profile=equipment_downtime&from=2026-05-01&to=2026-05-31&station=')
  await expect(page.getByRole('tab', { name: /^Downtime [\d,]+$/ })).toBeVisible()
  await expect(page.getByRole('columnheader', { name: 'Hours (h)' })).toBeVisible()
  await page.getByRole('button', { name: '中文' }).click()
  await expect(page.getByRole('columnheader', { name: '停機原因' })).toBeVisible()

  await page.getByLabel('查詢類型').selectOption('機台停機查詢')
  await page.reload()
  await isComplete(page)
  expect(await axeViolations(page)).toEqual([])
})

test('what is told of a running job: containers and rows of how many, how fast, how long', async ({
  page,
  slowServer,
}) => {
  await page.goto(slowServer.url + WEEK + '&loss_reasons=晶片破裂')
  await rowsCame(page)
  const fact = (name: string) =>
    page.locator('.trace-job__fact', { has: page.getByText(name, { exact: true }) })
  await expect(fact('Phase')).toContainText('Fetching the events')
  await expect(fact('Containers')).toContainText(/[\d,]+ of 5,996/)
  await expect(fact('Rows')).toContainText(/[\d,]{4,}/)
  await expect(fact('Rows/s')).toContainText(/[\d,]{3,}/)
  await expect(fact('Elapsed')).toContainText(/\d sec/)
  await expect(fact('Time left')).toContainText(/\d sec/)
  await isComplete(page)
  await expect(fact('Containers')).toContainText('5,996 of 5,996')
  await expect(fact('Rows')).toContainText('122,094 of 122,094')
})

test('a partial and a failed answer say what is missing and what helps', async ({ page, server }) => {
  // The page gets a stream only once its job has ended.
  const whenJobHasEnded = { timeout: 30_000 }
  await endStreams(page, lastDomainFails)
  await page.goto(server.url + DAY)
  await expect(page.getByRole('alert')).toContainText('Missing: materials', whenJobHasEnded)
  await page.getByRole('tab', { name: /^Materials/ }).click()
  await expect(page.getByText('The server could not fetch these rows.')).toBeVisible()

  await page.unrouteAll()
  await endStreams(page, jobFails)
  await page.reload()
  await expect(page.getByRole('alert')).toContainText('WORKER_LOST', whenJobHasEnded)
  await expect(page.getByRole('alert')).toContainText('they are not all')
  await rowsCame(page)
  await page.unrouteAll()
  await page.getByRole('button', { name: 'Try again' }).click()
  await isComplete(page)
})

test('a killed server is waited for, and its return is used', async ({ page }) => {
  const server = await startServer({ TRACE_SYNTHETIC_DELAY_MS: '1000' })
  await page.goto(server.url + WEEK)
  await rowsCame(page)
  await server.kill()
  await expect(page.getByText('Connection lost, trying again')).toBeVisible({ timeout: 15_000 })
  const before = Number(await page.getByRole('grid').getAttribute('aria-rowcount'))
  expect(before).toBeGreaterThan(1)

  // The embedded server keeps its jobs in memory: the page asks again by itself, says so, and keeps what it has till then.
  const again = await startServer({ PORT: new URL(server.url).port })
  try {
    const note = page.getByText('The server had lost the job')
    await expect(note).toBeVisible({ timeout: 60_000 })
    await isComplete(page)
    await expect(note).toBeVisible()
    expect(Number(await page.getByRole('grid').getAttribute('aria-rowcount'))).toBeGreaterThan(before)
  } finally {
    await again.stop()
  }
})

test('nothing moves while rows arrive, and the first paint is quick', async ({ page, slowServer }) => {
  await page.addInitScript(() => {
    const shifts: { value: number; what: string }[] = []
    Object.assign(window, { shifts })
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        const { value, hadRecentInput, sources } = entry as unknown as {
          value: number
          hadRecentInput: boolean
          sources: { node: Element | null }[]
        }
        if (hadRecentInput) continue
        shifts.push({ value, what: sources.map(({ node }) => node?.className ?? node?.nodeName).join(' ') })
      }
    }).observe({ type: 'layout-shift', buffered: true })
  })
  for (const viewport of [
    { width: 1440, height: 900 },
    { width: 390, height: 844 },
  ]) {
    await page.setViewportSize(viewport)
    await page.goto('about:blank')
    await page.goto(slowServer.url + WEEK + `&loss_reasons=${viewport.width === 390 ? '耐壓不良' : '短路'}`)
    await isComplete(page)
    await expect(page.locator('.trace-banner')).toBeVisible()
    const shifts = await page.evaluate(() => (window as unknown as { shifts: unknown[] }).shifts)
    expect(shifts, `at ${viewport.width} px`).toEqual([])
    const paintMs = await page.evaluate(
      () => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Infinity,
    )
    console.log(`first paint ${Math.round(paintMs)} ms at ${viewport.width} px`)
    expect(paintMs).toBeLessThan(1500)
  }
})

test('fits 390 px without scrolling sideways', async ({ page, server }) => {
  await page.setViewportSize({ width: 390, height: 844 })
  for (const address of [DAY, LOTS]) {
    await page.goto(server.url + address)
    await isComplete(page)
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)
  }
})

test('works by keyboard alone', async ({ page, server }) => {
  await page.goto(server.url)
  // From the first field on, Tab leads to Start; the range is chosen by arrow keys on the way.
  await page.getByRole('radio', { name: '5 months' }).focus()
  for (let i = 0; i < 3; i++) await page.keyboard.press('ArrowRight')
  await expect(page.getByRole('radio', { name: 'A day' })).toBeChecked()
  await pressByKeyboard(page, 'Start')
  await isComplete(page)

  await pressByKeyboard(page, 'Table: Machines')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await expect(page.locator('.chip')).toBeVisible()

  const grid = page.getByRole('grid')
  await tabTo(page, 'Upstream history')
  await page.keyboard.press('ArrowUp')
  await page.keyboard.press('Enter')
  await expect(page.locator('[aria-sort="ascending"]')).toHaveText(/Container/)
  await page.keyboard.press('Control+End')
  const rowCount = await grid.getAttribute('aria-rowcount')
  await expect(grid.locator(`[role="row"][aria-rowindex="${rowCount}"]`)).toBeVisible()
})

test('a lot query works by keyboard alone', async ({ page, server }) => {
  await page.goto(server.url + '#/lots')
  await page.getByRole('textbox', { name: 'Values, one per line' }).focus()
  await page.keyboard.press('Control+A')
  await page.keyboard.type('GA26113824-A06')
  await pressByKeyboard(page, 'Start')
  await isComplete(page)

  await tabTo(page, 'Follow the newest rows')
  await page.keyboard.press('Shift+Tab')
  await page.keyboard.press('ArrowRight')
  await expect(page.getByRole('tab', { name: /^Materials/, selected: true })).toBeFocused()
  const download = page.waitForEvent('download')
  await pressByKeyboard(page, 'CSV')
  expect((await download).suggestedFilename()).toMatch(/materials.*\.csv$/)

  await pressByKeyboard(page, 'Show the lineage')
  await expect(page.getByRole('region', { name: 'Lineage' }).getByRole('button').first()).toBeVisible()
  await page.keyboard.press('Tab')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await expect(page.locator('.branch .branch li').first()).toBeVisible()
})

test('nothing moves by itself for who has asked for that', async ({ page, slowServer }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' })
  await page.goto(slowServer.url + DAY + '&loss_reasons=晶片破裂')
  await expect(page.locator('.trace-progress__fill')).toBeVisible()
  expect(await page.evaluate(() => document.getAnimations().length)).toBe(0)
  await isComplete(page)
})

async function pressByKeyboard(page: Page, name: string) {
  await tabTo(page, name)
  await page.keyboard.press('Enter')
}

/** Presses Tab until what is called `name` has the focus; a grid counts, a tab of the same name does not. */
async function tabTo(page: Page, name: string) {
  for (let i = 0; i < 120; i++) {
    await page.keyboard.press('Tab')
    const reached = await page.evaluate((wanted) => {
      const element = document.activeElement
      if (element?.getAttribute('role') === 'tab') return false
      const own = element?.getAttribute('aria-label') ?? element?.textContent?.trim()
      return (own || element?.closest('label')?.textContent?.trim()) === wanted
    }, name)
    if (reached) return
  }
  throw new Error(`Tab never came to ${name}`)
}

test('axe finds nothing on either dashboard, in any state, light and dark, in both languages', async ({
  page,
  slowServer,
}) => {
  const found: string[] = []
  const look = async (what: string) => {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      found.push(...(await axeViolations(page)).map((violation) => `${what} ${colorScheme}: ${violation}`))
    }
  }
  await page.goto(slowServer.url)
  await look('idle')
  await page.goto(slowServer.url + DAY + '&loss_reasons=短路')
  await rowsCame(page)
  await look('running')
  await isComplete(page)
  await expect(page.locator('.chart canvas')).toHaveCount(7)
  await page.getByRole('button', { name: 'Table: Machines' }).click()
  await look('done')
  await page.getByRole('button', { name: '中文' }).click()
  await look('done, in Chinese')
  await page.getByRole('button', { name: 'English' }).click()

  await page.goto(slowServer.url + LOTS)
  await isComplete(page)
  await page.getByRole('button', { name: 'Show the lineage' }).click()
  await expect(page.locator('.branch li').first()).toBeVisible()
  await look('lots')
  for (const [name, ending] of Object.entries({ lastDomainFails, jobFails })) {
    await endStreams(page, ending)
    await page.reload()
    await expect(page.getByRole('alert')).toBeVisible({ timeout: 30_000 })
    await look(name)
    await page.unrouteAll()
  }
  expect(found).toEqual([])
})
