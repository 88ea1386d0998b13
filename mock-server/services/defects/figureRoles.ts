import type { ColumnRole, SourceDescription } from '../../../src/protocol/index.js'

/** Which columns of a domain have a role; of several, the first of the list with a value counts. */
export type RoleColumns = Readonly<Record<ColumnRole, readonly string[]>>

/** By domain: what rows say to figures. Domains that say nothing are left out. */
export type FigureRoles = ReadonlyMap<string, RoleColumns>

export function figureRoles({ domains }: SourceDescription): FigureRoles {
  const roles = new Map<string, RoleColumns>()
  for (const { name, columns } of domains) {
    if (!columns.some(({ role }) => role !== undefined)) continue
    const withRole = (wanted: ColumnRole) =>
      columns.flatMap(({ role, name }) => (role === wanted ? [name] : [])).reverse()
    roles.set(name, {
      station: withRole('station'),
      machine: withRole('machine'),
      material: withRole('material'),
      material_lot: withRole('material_lot'),
      rejected_qty: withRole('rejected_qty'),
      reject_reason: withRole('reject_reason'),
    })
  }
  return roles
}
