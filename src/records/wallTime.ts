const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const RFC_1123 = new RegExp(
  `^[A-Z][a-z]{2}, (\\d{2}) (${MONTHS.join('|')}) (\\d{4}) (\\d{2}:\\d{2}:\\d{2}) GMT$`,
)
const RFC_1123_LENGTH = 29

/**
 * A time in a row as `YYYY-MM-DD HH:MM:SS`, when it is written as RFC 1123 has it; `null` for any other text. Both forms
 * are the factory's wall time: servers write either form for the same column, and GMT means nothing there.
 */
export function wallTime(text: string): string | null {
  const match = text.length === RFC_1123_LENGTH ? RFC_1123.exec(text) : null
  if (!match) return null
  const month = MONTHS.indexOf(match[2]!) + 1
  return `${match[3]}-${String(month).padStart(2, '0')}-${match[1]} ${match[4]}`
}

const WALL_TIME = /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}(?:\.\d+)?$/

/** Tells, cell by cell, whether all values of a column are times. Such a column is shown and sorted as `wallTime` writes it. */
export function createTimeTest(): { see: (cell: unknown) => boolean; isTime: () => boolean } {
  let isTime = true
  let hasOtherForm = false
  return {
    /** Takes the next cell; false once the column is none of times. */
    see(cell) {
      if (cell === null || cell === undefined) return isTime
      if (typeof cell !== 'string') isTime = false
      else if (wallTime(cell) !== null) hasOtherForm = true
      else isTime &&= WALL_TIME.test(cell)
      return isTime
    },
    isTime: () => isTime && hasOtherForm,
  }
}
