import { expect, it } from 'vitest'
import { createManualClock } from '../testing/createManualClock.js'
import type { TraceServices } from '../services/createTraceServices.js'
import { createBodyReader } from './createBodyReader.js'
import { jobExport } from './jobExport.js'

const FETCHED_AT_MS = new Date(2026, 1, 3, 23, 59).getTime()

async function dispositionOf(profile: string, domain: string): Promise<string> {
  const services = {
    exportDomain: async () => ({
      rows: 0,
      profile,
      fetchedAtMs: FETCHED_AT_MS,
      body: (async function* () {})(),
    }),
  } as unknown as TraceServices
  const request = new Request(`http://localhost/x?${new URLSearchParams({ domain })}`)
  const edge = {
    owner: '',
    statusNames: 'default',
    bodies: createBodyReader({ clock: createManualClock() }),
  } as const
  const response = await jobExport(request, { jobId: 'trace-evt-1' }, services, edge)
  return response.headers.get('Content-Disposition')!
}

it('names a file by profile, domain and day, and not by the job', async () => {
  expect(await dispositionOf('query_tool', 'history')).toBe(
    'attachment; filename="query_tool-history-2026-02-03.csv"',
  )
})

it.each([
  ['a/b\\c:d*e?f"g<h>i|j%k', 'a_b_c_d_e_f_g_h_i_j_k'],
  ['a\r\nSet-Cookie: x=1', 'a_Set-Cookie_x=1'],
  ['..', '_'],
  ['', '_'],
  ['\u202egnp.exe', '_gnp.exe'],
  ['x'.repeat(300), 'x'.repeat(80)],
])('leaves out of a name what some file system or header forbids: %j', async (domain, part) => {
  const name = `query_tool-${part}-2026-02-03.csv`
  expect(await dispositionOf('query_tool', domain)).toBe(`attachment; filename="${name}"`)
})

it('says a Chinese name in full to those who know how, and in ASCII to the others', async () => {
  const disposition = await dispositionOf("焊接(A)'s\ud800", '測試 x')
  expect(disposition).toContain("filename=\"__(A)'s_-___x-2026-02-03.csv\"; filename*=UTF-8''")
  const encoded = disposition.slice(disposition.indexOf("''") + 2)
  expect(encoded).toMatch(/^[\w.%~-]+$/)
  expect(decodeURIComponent(encoded)).toBe("焊接(A)'s_-測試_x-2026-02-03.csv")
})

it('cuts no character in two', async () => {
  const disposition = await dispositionOf('p', '焊'.repeat(100))
  expect(decodeURIComponent(disposition.split("''")[1]!)).toBe(`p-${'焊'.repeat(26)}-2026-02-03.csv`)
})
