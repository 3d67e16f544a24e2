import { MAX_TEXT } from './journal/truncate.js'

const SLASH = 47

/** Sets of places in a pattern, 32 to a number. Place i is before part i; a part is a character, `*` or `**`. */
interface Places {
  /** Before a character, by that character. */
  before: Map<number, Int32Array>
  /** Before stars. */
  beforeStars: Int32Array
  /** Behind stars that take the next character: any, or one that is no slash. */
  behindAny: Int32Array
  behindOther: Int32Array
  count: number
}

/**
 * A path pattern: `*` stands for anything in one segment, `**` for anything. Of a path, the beginning is looked at. The
 * places in the pattern that a path may have led to are followed side by side (Baeza-Yates and Gonnet's Shift-And), so
 * that each character is looked at once, whatever the pattern.
 */
export function globOf(pattern: string): (path: string) => boolean {
  const places = placesOf(pattern.match(/\*+|[^*]/g) ?? [])
  const nowhere = new Int32Array(places.beforeStars.length)
  return (path) => {
    const reached = nowhere.slice()
    add(reached, 0)
    if (has(places.beforeStars, 0)) add(reached, 1)
    const end = Math.min(path.length, MAX_TEXT)
    for (let i = 0; i < end; i++) {
      const character = path.charCodeAt(i)
      if (!read(places.before.get(character) ?? nowhere, character, reached, places)) return false
    }
    return has(reached, places.count - 1)
  }
}

function placesOf(parts: string[]): Places {
  const count = parts.length + 1
  const none = () => new Int32Array(Math.ceil(count / 32))
  const places: Places = { before: new Map(), beforeStars: none(), behindAny: none(), behindOther: none(), count }
  for (const [i, part] of parts.entries()) {
    if (part.startsWith('*')) {
      add(places.beforeStars, i)
      add(places.behindOther, i + 1)
      if (part !== '*') add(places.behindAny, i + 1)
    } else {
      const character = part.charCodeAt(0)
      const before = places.before.get(character) ?? none()
      places.before.set(character, before)
      add(before, i)
    }
  }
  return places
}

/** Reads one character more. False: it leads nowhere. */
function read(before: Int32Array, character: number, reached: Int32Array, places: Places): boolean {
  const { beforeStars } = places
  const staying = character === SLASH ? places.behindAny : places.behindOther
  let [overCharacter, overStars, any] = [0, 0, 0]
  for (let i = 0; i < reached.length; i++) {
    const was = reached[i] as number
    const moving = was & (before[i] as number)
    let is = (moving << 1) | overCharacter | (was & (staying[i] as number))
    overCharacter = moving >>> 31
    // Stars stand for nothing, too.
    const passing = is & (beforeStars[i] as number)
    is |= (passing << 1) | overStars
    overStars = passing >>> 31
    reached[i] = is
    any |= is
  }
  return any !== 0
}

function add(set: Int32Array, place: number): void {
  set[place >>> 5]! |= 1 << place
}

function has(set: Int32Array, place: number): boolean {
  return ((set[place >>> 5] as number) & (1 << place)) !== 0
}
