import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { TRACE_ERRORS } from '../src/errors.js'

const FOLDER = join(import.meta.dirname, '../docs/errors')

describe('docs/errors', () => {
  const codes = Object.keys(TRACE_ERRORS)
  const table = readFileSync(join(FOLDER, 'README.md'), 'utf8')

  it('has a page for every code, and none for others', () => {
    const pages = readdirSync(FOLDER).filter((file) => file !== 'README.md')
    expect(pages.sort()).toEqual(codes.map((code) => `${code}.md`).sort())
  })

  it.each(Object.entries(TRACE_ERRORS))(
    'says the status and retryability of %s as the code has them',
    (code, facts) => {
      const row = table.split('\n').find((line) => line.includes(`[${code}]`))
      const [, , status, retryable] = row!.split('|').map((cell) => cell.trim())
      expect(status).toBe(facts.status === 0 ? '—' : String(facts.status))
      expect(retryable).toBe(facts.retryable ? 'yes' : 'no')
    },
  )
})
