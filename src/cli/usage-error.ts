import { nearest } from '../world/load/mistakes.js'

/** What somebody typed cannot be done: one line that says what, where, and what can. */
export class UsageError extends Error {
  override name = 'UsageError'
}

export function unknownWord(word: string, kind: string, known: string[], command = ''): string {
  const meant = nearest(word, known)
  return `unknown ${kind} ${word}${meant === undefined ? '.' : `; did you mean ${meant}?`} See authentik-mock ${command}--help`
}
