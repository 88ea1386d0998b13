/** The rows of one stored chunk, as the JSON array they are stored in. */
export interface StoredRows {
  array: Uint8Array
  count: number
}

/** Reads the rows of a domain from the first one on; may be called again. */
export type OpenRows = () => AsyncIterable<StoredRows>
