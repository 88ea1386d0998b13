import { wallTime } from '../../src/records/wallTime.js'

/** Characters of a cell that are put into the page: a browser lays out and measures all it is given, seen or not. */
const MAX_LENGTH = 1000

/** A row's value; what every object has, such as `constructor`, is none. */
export function cellOf(row: object, column: string): unknown {
  if (column in Object.prototype && !Object.hasOwn(row, column)) return undefined
  return (row as Readonly<Record<string, unknown>>)[column]
}

/** A value as a cell shows it, or the beginning of it. */
export function cellText(value: unknown, isTime = false): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'string') return cutText((isTime && wallTime(value)) || value)
  return typeof value === 'object' ? cutText(jsonStart(value)) : String(value)
}

/** All of a value, as it is read by itself: structures on lines of their own. */
export function wholeText(value: unknown, isTime = false): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'string') return (isTime && wallTime(value)) || value
  return typeof value === 'object' ? JSON.stringify(value, null, 2) : String(value)
}

export function cutText(text: string, length = MAX_LENGTH): string {
  if (text.length <= length) return text
  const isInsidePair = /[\uD800-\uDBFF]/.test(text[length - 1]!)
  return `${text.slice(0, isInsidePair ? length - 1 : length)}…`
}

/** JSON up to what is shown of it: writing all of a large structure would take as long for every row drawn. */
function jsonStart(value: object): string {
  let text = ''

  function write(part: unknown) {
    if (typeof part === 'string') text += JSON.stringify(part.slice(0, MAX_LENGTH))
    else if (typeof part !== 'object' || part === null) text += String(part)
    else if ('toJSON' in part) text += JSON.stringify(part)
    else writeItems(part as Record<string, unknown>, Array.isArray(part))
  }

  function writeItems(items: Readonly<Record<string, unknown>>, isList: boolean) {
    text += isList ? '[' : '{'
    let separator = ''
    for (const key in items) {
      if (text.length > MAX_LENGTH) return
      text += isList ? separator : `${separator}${JSON.stringify(key.slice(0, MAX_LENGTH))}:`
      write(items[key])
      separator = ','
    }
    text += isList ? ']' : '}'
  }

  write(value)
  return text
}
