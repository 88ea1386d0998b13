import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from '@playwright/test'

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js')

/** What axe-core finds wrong on the page, in a line each; `off` names rules that do not apply. */
export async function axeViolations(page: Page, off: readonly string[] = []): Promise<string[]> {
  const isLoaded = await page.evaluate(() => 'axe' in window)
  if (!isLoaded) {
    // Not as a script tag: the server's content security policy allows none but its own.
    const session = await page.context().newCDPSession(page)
    await session.send('Runtime.evaluate', { expression: readFileSync(AXE, 'utf8') })
    await session.detach()
  }
  return page.evaluate(async (disabled) => {
    const { axe } = window as unknown as {
      axe: {
        run: (
          context: Document,
          options: object,
        ) => Promise<{
          violations: { id: string; help: string; nodes: { html: string; failureSummary?: string }[] }[]
        }>
      }
    }
    const rules = Object.fromEntries(disabled.map((rule) => [rule, { enabled: false }]))
    const { violations } = await axe.run(document, { rules, resultTypes: ['violations'] })
    return violations.map(
      ({ id, help, nodes }) => `${id}: ${help}: ${nodes[0]?.html.slice(0, 160)} ${nodes[0]?.failureSummary}`,
    )
  }, off)
}
