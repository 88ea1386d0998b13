import type { Result } from './Way.js'

/** A number that depends on every character of every cell of every row, so that all ways prove to read the same. */
export function checksum(result: NonNullable<Result>): string {
  const bits = new DataView(new ArrayBuffer(8))
  let hash = 0
  const mix = (n: number) => void (hash = (Math.imul(hash ^ n, 0x9e3779b1) ^ (hash >>> 15)) | 0)
  const mixText = (text: string) => {
    for (let i = 0; i < text.length; i++) mix(text.charCodeAt(i))
    mix(text.length)
  }
  for (const domain of Object.keys(result).sort()) {
    mixText(domain)
    const rows = result[domain]!
    for (let i = 0; i < rows.length; i++) {
      const row = rows.at(i)
      for (const column of Object.keys(row)) {
        mixText(column)
        const cell = row[column]
        if (typeof cell === 'string') mixText(cell)
        else if (typeof cell === 'number') {
          bits.setFloat64(0, cell)
          mix(bits.getInt32(0))
          mix(bits.getInt32(4))
        } else mixText(JSON.stringify(cell))
      }
    }
  }
  return (hash >>> 0).toString(16).padStart(8, '0')
}
