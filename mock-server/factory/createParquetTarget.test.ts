import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createParquetTarget } from './createParquetTarget.js'
import { planFactory, type FactoryPlan } from './planFactory.js'
import { createFamilyReader } from './readFamilyTables.js'
import { writeFactory } from './writeFactory.js'

const plan = planFactory(1_000)
const { schema } = createFamilyReader(plan.families)
let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'trace-factory-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function write(into: string, signal = new AbortController().signal, which: FactoryPlan = plan) {
  return writeFactory(createParquetTarget(into, schema), which, { signal, familiesPerPart: 2 })
}

function filesIn(path: string): Map<string, string> {
  const names = readdirSync(path, { recursive: true, encoding: 'utf8' }).filter((name) => name.includes('.'))
  return new Map(names.sort().map((name) => [name, readFileSync(join(path, name)).toString('base64')]))
}

describe('a factory in a folder', () => {
  it('goes on where its last run was ended, with the same files in the end', async () => {
    const whole = join(folder, 'whole')
    await write(whole)
    const parts = join(folder, 'parts')
    const controller = new AbortController()
    const groups: number[] = []
    const ended = writeFactory(createParquetTarget(parts, schema), plan, {
      signal: controller.signal,
      familiesPerPart: 2,
      onProgress(done) {
        groups.push(done)
        if (done === 4) controller.abort(new Error('enough'))
      },
    })
    await expect(ended).rejects.toThrow('enough')
    expect(groups).toEqual([0, 2, 4])
    await write(parts)
    expect([...filesIn(parts)].filter(([, text], i) => text !== [...filesIn(whole)][i]![1])).toEqual([])
    expect([...filesIn(parts).keys()]).toEqual([...filesIn(whole).keys()])
    await write(parts)
  })

  it('is not written into a folder that has something else, or another part of the factory', async () => {
    await write(join(folder, 'other'))
    await expect(write(join(folder, 'other'), undefined, planFactory(2_000))).rejects.toThrow(
      'holds another part of the factory',
    )
    writeFileSync(join(folder, 'notes.txt'), '')
    await expect(write(folder)).rejects.toThrow('is not empty')
  })
})

describe('planFactory', () => {
  it('takes whole families, as many as are needed', () => {
    expect(plan.lots).toBeGreaterThanOrEqual(1_000)
    expect(plan.lots).toBeLessThan(1_200)
    expect(planFactory(1).families).toEqual({ first: plan.families.last, last: plan.families.last })
  })
})
