import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'
import type { Page } from '@playwright/test'
import { buildStale } from '../scripts/buildStale.mjs'

const ROOT = join(import.meta.dirname, '..')
const STATIC = join(ROOT, 'storybook-static')
const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
}

export interface StoryEntry {
  id: string
  title: string
  name: string
  type: 'story' | 'docs'
}

/** The built Storybook, built first where it is stale, on a port of its own. */
export async function serveStories() {
  buildStale('stories')
  const server = createServer(async ({ url = '/' }, response) => {
    const path = normalize(decodeURIComponent(new URL(url, 'http://localhost').pathname))
    try {
      const body = await readFile(join(STATIC, path))
      response.setHeader('Content-Type', TYPES[extname(path)] ?? 'application/octet-stream').end(body)
    } catch {
      response.writeHead(404).end()
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const index = JSON.parse(readFileSync(join(STATIC, 'index.json'), 'utf8')) as {
    entries: Record<string, StoryEntry>
  }
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    entries: Object.values(index.entries),
    close: () => new Promise((resolve) => server.close(resolve)),
  }
}

export interface Look {
  theme: 'light' | 'dark'
  locale: 'en' | 'zh-Hant-TW'
}

export const LOOKS: readonly Look[] = [
  { theme: 'light', locale: 'en' },
  { theme: 'dark', locale: 'en' },
  { theme: 'light', locale: 'zh-Hant-TW' },
  { theme: 'dark', locale: 'zh-Hant-TW' },
]

/** Opens a story and waits until it has been rendered and played; answers how that ended. */
export async function openStory(
  page: Page,
  url: string,
  id: string,
  { theme, locale }: Look,
): Promise<string> {
  // The addon's own run of axe would be a second one.
  const globals = `theme:${theme};locale:${locale};a11y.manual:!true`
  await page.goto(`${url}/iframe.html?viewMode=story&id=${id}&globals=${globals}`)
  return page
    .waitForFunction(
      () => {
        const { __STORYBOOK_PREVIEW__: preview } = window as unknown as {
          __STORYBOOK_PREVIEW__?: { currentRender?: { phase?: string } }
        }
        const phase = preview?.currentRender?.phase ?? ''
        return ['completed', 'finished', 'errored', 'aborted'].includes(phase) ? phase : null
      },
      null,
      { timeout: 30_000 },
    )
    .then((phase) => phase.jsonValue() as Promise<string>)
}

/** Another look for the story that is open, as the toolbar gives it. */
export async function changeLook(page: Page, look: Look): Promise<void> {
  await page.evaluate((globals) => {
    const { __STORYBOOK_ADDONS_CHANNEL__: channel } = window as unknown as {
      __STORYBOOK_ADDONS_CHANNEL__: { emit: (event: string, payload: unknown) => void }
    }
    channel.emit('updateGlobals', { globals })
  }, look)
  await page.waitForFunction(
    ({ theme, locale }) =>
      document.documentElement.dataset.traceTheme === theme && document.documentElement.lang === locale,
    look,
  )
  // Painted, transitions over.
  await page.waitForTimeout(80)
}
