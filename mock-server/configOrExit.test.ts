import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readEnvFile } from './configOrExit.js'

let dir = ''
let path = ''

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'trace-env-'))
  path = join(dir, '.env')
})
afterEach(() => rmSync(dir, { recursive: true }))

function read(content: string | Uint8Array) {
  writeFileSync(path, content)
  return readEnvFile(path)
}

describe('a file .env', () => {
  it('need not be there', () => {
    expect(readEnvFile(path)).toEqual({})
  })

  it('loses no variable to a byte order mark', () => {
    expect(read('\uFEFFPORT=1\nHOST=a')).toEqual({ PORT: '1', HOST: 'a' })
  })

  it('may have comments, blank lines, quotes, export, and lines of Windows', () => {
    const text = [
      '# PORT: 1',
      '',
      'PORT=1 # one',
      '  export HOST = a',
      'A="x # y" # z',
      "B='two\nlines'",
      'C=',
      'D=`"`',
      'E=  "two',
      ' lines"',
      'F= x "y"',
    ]
    const wanted = {
      PORT: '1',
      HOST: 'a',
      A: 'x # y',
      B: 'two\nlines',
      C: '',
      D: '"',
      E: 'two\n lines',
      F: 'x "y"',
    }
    expect(read(text.join('\n'))).toEqual(wanted)
    expect(read(text.join('\r\n'))).toEqual(wanted)
  })

  it.each([
    ['PORT: 1', 1],
    ['HOST=a\n\nPORT 1\n', 3],
    ['HOST="a\nb"\n- PORT=1', 3],
    ['HOST="a', 1],
    ['A="b" c', 1],
    ['{ "PORT": 1 }', 1],
    ['1PORT=1', 1],
    ['=1', 1],
  ])('stops the start when a line sets nothing: %j', (content, line) => {
    expect(() => read(content)).toThrow(
      new Error(`Line ${line} of ${path} must set a variable, as in PORT=8787, or be a # comment.`),
    )
  })

  it.each(['="b', '= "b', '=\t"b', "= 'b", '= `b', '= "b" c'])(
    'stops the start rather than lose what follows a quote that does not end its value: %j',
    (rest) => {
      expect(() => read(`PORT=1\nA${rest}\nREDIS_URL=redis://x\nC="2"\n`)).toThrow(`Line 2 of ${path}`)
    },
  )

  it.each([
    ['UTF-16', Buffer.from('\uFEFFPORT=1', 'utf16le')],
    ['UTF-16 without a mark', Buffer.from('PORT=1', 'utf16le')],
    ['UTF-16, big-endian', Buffer.from('\uFEFFPORT=1', 'utf16le').swap16()],
    ['Big5', Buffer.from([0x48, 0x3d, 0xb4, 0xfa, 0xb8, 0xd5])],
  ])('stops the start when it is %s', (_, content) => {
    expect(() => read(content)).toThrow(new Error(`${path} must be UTF-8 text: save it in that encoding.`))
  })

  it('stops the start when it is a directory, or cannot be opened', () => {
    const sentence = (code: string) =>
      new Error(`${path} cannot be read (${code}): make it a file that this user may read, or remove it.`)
    mkdirSync(path)
    expect(() => readEnvFile(path)).toThrow(sentence('EISDIR'))
    rmSync(path, { recursive: true })
    symlinkSync(path, path)
    expect(() => readEnvFile(path)).toThrow(sentence('ELOOP'))
  })
})
