/** A part of a text that is left out, and what stands there instead. */
export interface Span {
  start: number
  /** The first character after it. */
  end: number
  mark: string
}

export const MARK = '…'

/** A text without some of its parts. Parts may overlap. */
export function leaveOut(text: string, spans: Span[]): string {
  if (spans.length === 0) return text
  const parts: string[] = []
  let done = 0
  for (const { start, end, mark } of spans.sort((a, b) => a.start - b.start || b.end - a.end)) {
    if (start >= done) parts.push(text.slice(done, start), mark)
    done = Math.max(done, end)
  }
  return parts.join('') + text.slice(done)
}
