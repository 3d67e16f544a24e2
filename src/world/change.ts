import type { Key } from './kinds/kind.js'

/**
 * A change of rows, as plain JSON. What is random or of the moment was decided before and stands in it, so that another
 * machine which applies the same changes in the same order has the same rows.
 */
export type RowChange =
  | { type: 'put'; section: string; row: unknown }
  /** The row, with what cannot be without it. */
  | { type: 'delete'; section: string; key: Key }
