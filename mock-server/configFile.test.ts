import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readConfigFile } from './configFile.js'
import { openSource } from './openSource.js'

let dir = ''
beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), 'trace-config-'))))
afterEach(() => rmSync(dir, { recursive: true }))

function write(text: string, name = 'trace.config.mjs'): string {
  const path = join(dir, name)
  writeFileSync(path, text)
  return path
}

const DESCRIPTION = `{
  profiles: [{ name: 'downtime', stages: ['events'], domains: ['stops'] }],
  domains: [{ name: 'stops', columns: [] }],
}`

async function open(text: string) {
  return openSource({ configFile: write(text), folder: null, syntheticDelayMs: 0 })
}

describe('a folder', () => {
  it('is the source, whatever the config file says', async () => {
    const configFile = write('export default { source: { describe: 7 } }')
    const { source, description } = await openSource({ configFile, folder: dir, syntheticDelayMs: 0 })
    expect(description.domains.map(({ name }) => name)).toContain('history')
    await source.close?.()
  })

  it('must be there', async () => {
    const settings = { configFile: null, folder: join(dir, 'none'), syntheticDelayMs: 0 }
    await expect(openSource(settings)).rejects.toThrow('There is no folder')
  })
})

describe('a config file', () => {
  it('need not be there', async () => {
    expect(await readConfigFile(null, dir)).toBeNull()
  })

  it('is found in the working folder', async () => {
    write(`export default { allowedOrigins: ['https://MES.example/'], identify: () => 'eve' }`)
    const file = await readConfigFile(null, dir)
    expect(file).toMatchObject({ fileName: 'trace.config.mjs', allowedOrigins: ['https://mes.example'] })
    expect(file!.identify!(new Request('http://x'))).toBe('eve')
  })

  it('must be there when it is named', async () => {
    await expect(readConfigFile(join(dir, 'plant.js'))).rejects.toThrow(
      `${join(dir, 'plant.js')} is not there: name a config file that is, or none.`,
    )
  })

  it.each([
    ['', 'trace.config.mjs has no default export: write export default defineTraceServer({ … }).'],
    ['export default 7', 'trace.config.mjs: the default export must be an object.'],
    [
      'export default { sources: 1 }',
      'trace.config.mjs: sources is not known; there are source, identify, allowedOrigins, allowedHosts.',
    ],
    [
      'export default { source: 7 }',
      'trace.config.mjs: source must be an object with describe(), or a function that makes one.',
    ],
    ['export default { identify: "eve" }', 'trace.config.mjs: identify must be a function of a request.'],
    [
      'export default { allowedOrigins: ["mes.example"] }',
      'trace.config.mjs: allowedOrigins must be a list of origins such as https://mes.example, or of * alone.',
    ],
    [
      'export default { allowedOrigins: "*" }',
      'trace.config.mjs: allowedOrigins must be a list of origins such as https://mes.example, or of * alone.',
    ],
    [
      'export default { allowedOrigins: ["*", "https://mes.example"] }',
      'trace.config.mjs: allowedOrigins must be * alone, or origins without *.',
    ],
    [
      'export default { allowedHosts: ["https://mes.example"] }',
      'trace.config.mjs: allowedHosts must be a list of names or addresses without scheme and port.',
    ],
    [
      `import 'oracledb'`,
      'trace.config.mjs cannot be loaded: it needs the package oracledb, which is not installed: npm install oracledb.',
    ],
    ['\nthrow new Error("no password")', 'trace.config.mjs cannot be loaded (line 2): no password.'],
    ['throw "no password"', 'trace.config.mjs cannot be loaded: it throws no password.'],
  ])('is refused with one sentence: %s', async (text, sentence) => {
    await expect(readConfigFile(write(text))).rejects.toThrow(new Error(sentence))
  })
})

describe('the source of a process', () => {
  it('is the synthetic factory where nothing else is said', async () => {
    expect((await open('export default {}')).description.domains).toHaveLength(8)
  })

  it('may be an object, or a function that makes one', async () => {
    const source = `{ describe: () => (${DESCRIPTION}), rows() {} }`
    for (const text of [source, `() => (${source})`, `async () => (${source})`]) {
      expect((await open(`export default { source: ${text} }`)).description.domains).toHaveLength(1)
    }
  })

  it.each([
    ['{}', 'source.describe must be there: a function that says which profiles and domains there are.'],
    [
      `{ describe: () => ({ profiles: [{ name: 'a', stages: ['event'], domains: [] }], domains: [] }) }`,
      'source.describe().profiles[0].stages[0] must be one of seeds, lineage, events, not "event".',
    ],
    [
      `{ describe: () => (${DESCRIPTION}) }`,
      'source.rows must be there: a function that source.describe().profiles[0] (downtime) needs.',
    ],
    [`() => { throw new Error('no connection') }`, 'no connection'],
  ])('is refused with one sentence: %s', async (source, sentence) => {
    await expect(open(`export default { source: ${source} }`)).rejects.toThrow(
      new Error(`trace.config.mjs: ${sentence}`),
    )
  })
})
