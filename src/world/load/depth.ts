import { FixtureError, joinPath, type Location, type Mistake } from './mistakes.js'

/** How deep JSON may be nested, wherever it comes in. What is made of it later is safe from running out of stack. */
export const MAX_DEPTH = 100

const FOUND = `objects and lists nested more than ${MAX_DEPTH} deep`
const ALLOWED = `at most ${MAX_DEPTH} levels`
/** Of a path, the beginning says enough. */
const SHOWN_MEMBERS = 10
const SHOWN_LENGTH = 40

const [QUOTE, BACKSLASH, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT, COLON, COMMA] = Buffer.from(
  '"\\[]{}:,',
) as unknown as number[]

/** Looks before a JSON text is parsed. Undefined: it is not nested too deep. */
export function tooDeepText(text: string, file: string): Mistake | undefined {
  return lookOver(text, file).mistake
}

/** What there is to know of a JSON text before it is parsed. */
export interface Outline {
  /** It is nested too deep. */
  mistake?: Mistake
  /** How many members its objects have together. */
  members: number
  /** About how many values there are, of any kind. */
  values: number
}

export function lookOver(text: string, file: string): Outline {
  let depth = 0
  let members = 0
  let values = 1
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === QUOTE) i = endOfString(text, i)
    else if (code === COLON) members++
    else if (code === COMMA) values++
    else if (code === CLOSE_LIST || code === CLOSE_OBJECT) depth--
    else if (code === OPEN_LIST || code === OPEN_OBJECT) {
      values++
      if (++depth > MAX_DEPTH) return { mistake: tooDeep(file, membersBefore(text, i)), members, values }
    }
  }
  return { members, values }
}

/** @param members those that lead to what is too deep */
export function tooDeep(file: string, members: (string | number)[]): Mistake {
  return mistakeAt({ file, path: '' }, members, FOUND)
}

/** The last place of the string that begins there: its closing quote. */
export function endOfString(text: string, start: number): number {
  let i = start + 1
  for (let code = text.charCodeAt(i); code !== QUOTE && i < text.length; code = text.charCodeAt(i))
    i += code === BACKSLASH ? 2 : 1
  return i
}

/** The members that lead to a place in a JSON text. */
function membersBefore(text: string, place: number): (string | number)[] {
  const members: (string | number)[] = []
  let lastString = ''
  for (let i = 0; i < place; i++) {
    const code = text.charCodeAt(i)
    if (code === QUOTE) {
      const start = i
      i = endOfString(text, start)
      lastString = text.slice(start + 1, i)
    } else if (code === OPEN_LIST) members.push(0)
    else if (code === OPEN_OBJECT) members.push('')
    else if (code === CLOSE_LIST || code === CLOSE_OBJECT) members.pop()
    else if (text[i] === ':') members[members.length - 1] = lastString
    else if (text[i] === ',' && typeof members.at(-1) === 'number') members.push((members.pop() as number) + 1)
  }
  return members
}

/**
 * Looks at a value that no text was parsed for: one of the library's, or one that was put together.
 *
 * @param around how many levels are to stand around it
 * @throws FixtureError where it is nested too deep, or holds itself
 */
export function refuseTooDeep(value: unknown, place: Location, around = 0): void {
  /** The objects that lead to the present one, each with its members and how many of them were looked at. */
  const way: { object: object; members: string[] | undefined; next: number }[] = []
  const namesOfWay = () => way.map(({ members, next }) => members?.[next - 1] ?? next - 1)

  function enter(object: unknown): void {
    if (object === null || typeof object !== 'object') return
    if (way.some((step) => step.object === object))
      throw new FixtureError([mistakeAt(place, namesOfWay(), 'an object that holds itself')])
    if (way.length + around === MAX_DEPTH) throw new FixtureError([mistakeAt(place, namesOfWay(), FOUND)])
    const members = Array.isArray(object) ? undefined : Object.keys(object)
    if ((members ?? (object as unknown[])).length > 0) way.push({ object, members, next: 0 })
  }

  enter(value)
  for (let step = way.at(-1); step !== undefined; step = way.at(-1)) {
    const { object, members } = step
    const member = step.next++
    if (member === (members ?? (object as unknown[])).length) way.pop()
    else enter(members === undefined ? (object as unknown[])[member] : object[members[member] as keyof object])
  }
}

function mistakeAt(place: Location, members: (string | number)[], found: string): Mistake {
  const shown = members
    .slice(0, SHOWN_MEMBERS)
    .map((member) => (typeof member === 'number' ? member : member.slice(0, SHOWN_LENGTH)))
  const path = `${shown.reduce<string>(joinPath, place.path)}${members.length > SHOWN_MEMBERS ? '…' : ''}`
  return { ...place, path, found, allowed: found === FOUND ? ALLOWED : 'values that JSON can hold' }
}
