/** The beginning of a text: a copy, as a part of a string keeps all of it in memory. */
export function truncate(text: string, length: number): string {
  return Buffer.from(text.slice(0, length)).toString()
}
