import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeWithPostgres, startTestPostgres, type TestPostgres } from '../testing/startTestPostgres.js'
import { createPostgresTarget } from './createPostgresTarget.js'
import { planFactory, type FactoryPlan } from './planFactory.js'
import { createFamilyReader } from './readFamilyTables.js'
import { writeFactory } from './writeFactory.js'

const plan = planFactory(1_000)
const { schema } = createFamilyReader(plan.families)

describeWithPostgres('a factory in PostgreSQL', () => {
  let postgres: TestPostgres
  beforeAll(async () => {
    postgres = await startTestPostgres()
  })
  afterAll(() => postgres.remove())

  async function write(which: FactoryPlan = plan, endAfter = Infinity) {
    const controller = new AbortController()
    const target = await createPostgresTarget(postgres.url, schema)
    try {
      await writeFactory(target, which, {
        signal: controller.signal,
        familiesPerPart: 2,
        onProgress: (done) => done >= endAfter && controller.abort(new Error('enough')),
      })
    } finally {
      await target.close()
    }
  }

  async function countLots() {
    return Number((await postgres.rows('SELECT count(*) FROM lots'))[0]!.count)
  }

  it('goes on where its last run was ended, with every lot once', async () => {
    await expect(write(plan, 4)).rejects.toThrow('enough')
    const some = await countLots()
    expect(some).toBeGreaterThan(0)
    expect(some).toBeLessThan(plan.lots)
    await write()
    expect(await countLots()).toBe(plan.lots)
    await write()
    expect(await countLots()).toBe(plan.lots)
  })

  it('is not mixed with another part, another layout, or tables of others', async () => {
    await expect(write(planFactory(2_000))).rejects.toThrow('holds another part of the factory')
    await postgres.run('ALTER TABLE holds RENAME ncrid TO ncr')
    await expect(write()).rejects.toThrow('Table holds has no column ncrid')
    await postgres.run('ALTER TABLE holds RENAME ncr TO ncrid', 'DROP TABLE factory_progress')
    await expect(write()).rejects.toThrow('has a table')
  })

  it('says when the database is away', async () => {
    const target = await createPostgresTarget('postgres://127.0.0.1:1/none', schema)
    await expect(target.open(plan)).rejects.toThrow('The database is away')
  })
})
