/** A batch of columns as it travels from the decoder to its reader: plain data beside one `ArrayBuffer`. */
export interface PackedColumns {
  length: number
  columns: PackedColumn[]
  /** Holds every `Part` of `columns`; transferable. */
  buffer: ArrayBuffer
}

/** What a decoder makes of the rows of one line. */
export type PackedBatch = PackedColumns | { rows: Record<string, unknown>[] }

/** The array types a part may have. */
export const PART_TYPES = {
  u8: Uint8Array,
  i8: Int8Array,
  u16: Uint16Array,
  i16: Int16Array,
  u32: Uint32Array,
  i32: Int32Array,
  f32: Float32Array,
  f64: Float64Array,
} as const
export type PartType = keyof typeof PART_TYPES
export type PartArray = InstanceType<(typeof PART_TYPES)[PartType]>

/** A typed array inside a batch's buffer. */
export interface Part {
  type: PartType
  offset: number
  length: number
}

/** Texts one after the other: text `i` ends before byte `ends[i]`, or before `(i + 1) * width`. */
export interface PackedTexts {
  count: number
  bytes: Part
  ends: Part | number
}

/** Cells that hold no value; in `nulls` parts 0 is a value. */
export const NULL_CELL = 1
export const MISSING_CELL = 2

/** Codes of `dict` and `bool` cells: these, then the values. */
export const NULL_CODE = 0
export const MISSING_CODE = 1
export const FIRST_CODE = 2

/**
 * One column of a batch.
 *
 * - `num`: numbers, in the narrowest type that is exact
 * - `dict`: codes into a dictionary that all batches of the domain share; only fresh entries travel
 * - `pool`: texts of their own
 * - `bool`: codes of false and true
 * - `null`: nothing but null
 * - `any`: values as they are, when types are mixed or nested; `undefined` where the row has none
 */
export type PackedColumn = { name: string } & (
  | { kind: 'num'; cells: Part; nulls: Part | null }
  | { kind: 'dict'; cells: Part; dictionary: number; fresh: PackedTexts | null }
  | { kind: 'pool'; texts: PackedTexts; nulls: Part | null }
  | { kind: 'bool'; cells: Part }
  | { kind: 'null' }
  | { kind: 'any'; values: unknown[] }
)
