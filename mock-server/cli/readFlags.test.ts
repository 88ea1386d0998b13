import { describe, expect, it } from 'vitest'
import { describeFlags, environmentOf, readFlags, SERVER_FLAGS, WORKER_FLAGS } from './readFlags.js'

describe('the command line', () => {
  it('sets what the environment would set', () => {
    const flags = readFlags(['--port', '0', '--config=plant.js', '-h'], SERVER_FLAGS)
    expect(flags).toEqual({ port: '0', config: 'plant.js', help: true })
    expect(environmentOf(flags, SERVER_FLAGS)).toEqual({ PORT: '0', TRACE_CONFIG: 'plant.js' })
  })

  it('may be empty', () => {
    expect(readFlags([], WORKER_FLAGS)).toEqual({})
  })

  it.each([
    [['--prot', '1'], '--prot is no option. --help lists what there is.'],
    [['-p'], '-p is no option. --help lists what there is.'],
    [['--__proto__'], '--__proto__ is no option. --help lists what there is.'],
    [['serve'], 'serve is no command. --help lists what there is.'],
    [['--port'], '--port needs a value, as in --port NUMBER.'],
    [['--port='], '--port needs a value, as in --port NUMBER.'],
    [['--config', '--port', '1'], '--config needs a value, as in --config FILE.'],
    [['--help=me'], '--help takes no value.'],
  ])('is refused with one sentence: %j', (args, sentence) => {
    expect(() => readFlags(args, SERVER_FLAGS)).toThrow(new Error(sentence))
  })

  it('is explained, flag by flag', () => {
    const lines = describeFlags(SERVER_FLAGS).split('\n')
    expect(lines[0]).toBe('  --port NUMBER     where it listens; 0 takes any free port')
    expect(lines).toContain('  -h, --help        this text')
  })
})
