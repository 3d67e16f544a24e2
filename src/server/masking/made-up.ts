import { MARK, type Span } from './span.js'

/** Says which made-up token may begin at a place of a text; undefined: none. */
export type MadeUpTokens = (text: string, at: number) => string | undefined

const LENGTH = 128
/** Of the characters by which a token is known. */
const MIN_LENGTH = 6
const RUN = /[A-Za-z0-9]{6,}/g

/** Finds tokens of made-up rows: there may be a million of them, which nobody keeps a list of. */
export function findMadeUp(text: string, isCut: boolean, tokenLike: MadeUpTokens): Span[] {
  const spans: Span[] = []
  RUN.lastIndex = 0
  for (let match = RUN.exec(text); match !== null; match = RUN.exec(text)) {
    const { 0: run, index } = match
    const isOpen = isCut && index + run.length === text.length
    const last = run.length - (isOpen ? MIN_LENGTH : LENGTH)
    for (let at = 0; at <= last; at++) {
      const token = tokenLike(run, at)
      if (token === undefined) continue
      const found = run.slice(at, at + LENGTH)
      if (!token.startsWith(found)) continue
      spans.push({ start: index + at, end: index + at + found.length, mark: MARK })
      at += found.length - 1
    }
  }
  return spans
}
