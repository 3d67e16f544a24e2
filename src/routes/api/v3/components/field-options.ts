/** What several components say of their fields. */

/** Always sent, though authentik's document does not promise it. */
export const unpromised = { openapi: { required: false } }
export const readOnly = { readOnly: true }

/** Type of a body that some releases leave fields out of. */
export type Some<T, K extends keyof T> = Omit<T, K> & Partial<Pick<T, K>>
