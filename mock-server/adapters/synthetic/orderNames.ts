export type OrderKind = 'GA' | 'GC' | 'GD' | 'WF'

/** A family has up to this many work orders of a kind; order numbers count them through. */
const ORDERS_PER_FAMILY = 8
const NAME = /^(GA|GC|GD|WF)(\d{2})(\d{6,9})$/

/** Names of work orders and wafer batches, such as `GA26012345`: kind, year, running number. */
export const orderNames = {
  write: (kind: OrderKind, year: string, family: number, nth: number): string =>
    `${kind}${year}${String(family * ORDERS_PER_FAMILY + nth).padStart(6, '0')}`,

  /** What a name says, if it is shaped like one; whether there is such an order only the family knows. */
  read(name: string): { kind: OrderKind; family: number } | null {
    const [, kind, , number] = NAME.exec(name) ?? []
    if (kind === undefined) return null
    return { kind: kind as OrderKind, family: Math.floor(Number(number) / ORDERS_PER_FAMILY) }
  },
}
