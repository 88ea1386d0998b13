import { computed, type ComputedRef } from 'vue'
import { titleOf, type ColumnDescription } from '../../src/protocol/index.js'

/** How described columns are headed and written. */
export interface DescribedColumns {
  /** By column; the unit stands behind the title. */
  headings: Readonly<Record<string, string>>
  /** A cell's text; `null` where the kind of its column says nothing about it. */
  format: (column: string, value: unknown) => string | null
}

/** Headings and formats by what a server says of its columns, in the language of the table. */
export function useDescribedColumns(
  columns: () => readonly ColumnDescription[] | undefined,
  locale: () => string,
): ComputedRef<DescribedColumns> {
  return computed(() => {
    const described = columns() ?? []
    const known = new Map(described.map((column) => [column.name, column.kind]))
    // Made when first asked for: a page's first of them cost 55 ms.
    let numbers: Intl.NumberFormat | undefined
    const write = (value: number) =>
      (numbers ??= new Intl.NumberFormat(locale(), { maximumFractionDigits: 20 })).format(value)
    return {
      headings: Object.fromEntries(described.map((column) => [column.name, headingOf(column, locale())])),
      format(name, value) {
        if (typeof value !== 'number') return null
        const kind = known.get(name)
        if (kind === 'quantity') return write(value)
        return kind === 'rate' ? `${write(value)} %` : null
      },
    }
  })
}

function headingOf(column: ColumnDescription, locale: string): string {
  const title = titleOf(column, locale)
  return column.unit === undefined ? title : `${title} (${column.unit})`
}
