/** A primary key. */
export type Key = number | string
/** A cell of a column. */
export type Value = number | string
