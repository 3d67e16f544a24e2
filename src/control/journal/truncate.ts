/** As much of a path, a query or a body as is kept, and looked at. */
export const MAX_TEXT = 4096

/** The beginning of a text: a copy, as a part of a string keeps all of it in memory. */
export function truncate(text: string, length: number): string {
  return Buffer.from(text.slice(0, length)).toString()
}
