/** What the forms offer to search by, and values the synthetic factory knows. */
export const RESOLVE_TYPES = {
  query_tool: ['lot_id', 'wafer_lot', 'work_order'],
  query_tool_reverse: ['serial_number', 'gd_work_order', 'gd_lot_id'],
} as const

export const EXAMPLES: Record<string, readonly string[]> = {
  lot_id: ['GA26113824-A06', 'GA26113904-A06', 'GA26113984-A06'],
  wafer_lot: ['WF26113824-01', 'WF26113904-01', 'WF26113984-01'],
  work_order: ['GA26113824', 'GA26113904', 'GA26113984'],
  serial_number: ['SN03642484-1', 'SN03645053-1', 'SN03647603-1'],
  gd_work_order: ['GD26113824', 'GD26113904', 'GD26113984'],
  gd_lot_id: ['GD26113824-A00', 'GD26113904-A00', 'GD26113984-A00'],
}
