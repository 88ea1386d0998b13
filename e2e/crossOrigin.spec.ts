import { join } from 'node:path'
import { test, expect, type Page } from '@playwright/test'
import { createServer, type ViteDevServer } from 'vite'
import type * as Core from '../src/index.js'
import { startServer, type RunningServer } from './server.js'

let pages: ViteDevServer
let server: RunningServer

test.beforeAll(async () => {
  test.setTimeout(120_000)
  pages = await createServer({
    root: join(import.meta.dirname, '..'),
    configFile: false,
    logLevel: 'silent',
    appType: 'custom',
    server: { host: '127.0.0.1', port: 0, hmr: false },
    plugins: [
      {
        name: 'empty-page',
        configureServer: ({ middlewares }) =>
          void middlewares.use((req, res, next) => {
            if (req.url !== '/') return next()
            res.setHeader('Content-Type', 'text/html')
            res.end('<!doctype html><title>A page</title>')
          }),
      },
    ],
  })
  await pages.listen()
  // Every question a job.
  server = await startServer({ TRACE_ALLOWED_ORIGINS: originOfPages(), TRACE_ASYNC_CID_THRESHOLD: '0' })
})

test.afterAll(async () => {
  await server?.stop()
  await pages?.close()
})

function originOfPages(name = '127.0.0.1') {
  const address = pages.httpServer!.address()
  return `http://${name}:${typeof address === 'object' ? address!.port : ''}`
}

/** Runs a trace in the page, of a server on another origin. */
function trace(page: Page, baseUrl: string) {
  return page.evaluate(async (url) => {
    const path = '/src/index.ts'
    const core = (await import(path)) as typeof Core
    const steps: string[] = []
    const run = core.runTrace(
      {
        profile: 'mid_section_defect',
        params: { start_date: '2026-05-31', end_date: '2026-05-31', station: '測試' },
      },
      {
        // A header of the page's own, for which the browser asks first; and cookies.
        transport: core.createFetchTransport({ headers: { 'X-Page': '1' }, credentials: 'include' }),
        environment: core.createBrowserEnvironment({ baseUrl: url }),
      },
    )
    for (;;) {
      const { done, value } = await run.next()
      if (!done) steps.push(value.type)
      else return { steps, status: value.status, error: value.status === 'failed' ? value.error.code : null }
    }
  }, baseUrl)
}

test('a page of another origin that is named runs a whole trace, with its job', async ({ page }) => {
  const asked = new Set<string>()
  page.on('request', (request) => {
    if (request.url().startsWith(server.url))
      asked.add(`${request.method()} ${new URL(request.url()).pathname}`)
  })
  await page.goto(originOfPages())
  const { steps, status } = await trace(page, server.url)
  expect(status).toBe('complete')
  expect(steps).toContain('job-accepted')
  expect([...asked].some((request) => /^GET .*\/job\/[^/]+\/stream$/.test(request))).toBe(true)
})

test('a page that is not named runs none, and is told why by its browser', async ({ page }) => {
  const complaints: string[] = []
  page.on('console', (message) => complaints.push(message.text()))
  await page.goto(originOfPages('localhost'))
  expect(await trace(page, server.url)).toMatchObject({ status: 'failed' })
  expect(complaints.join('\n')).toContain('blocked by CORS policy')
})
