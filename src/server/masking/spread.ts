import type { Span } from './span.js'

const NUL = '\0'

/** Finds what is written with a zero byte in each character, as UTF-16 is where a program takes it for something else. */
export function findSpread(text: string, find: (text: string) => Span[]): Span[] {
  if (!text.includes(NUL)) return []
  const places: number[] = []
  for (let i = 0; i < text.length; i++) if (text[i] !== NUL) places.push(i)
  return find(text.replaceAll(NUL, '')).map(({ start, end, mark }) => ({
    start: places[start] as number,
    end: (places[end - 1] as number) + 1,
    mark,
  }))
}
