import { memoizeLast } from '../world/memoize.js'
import { decodePath, isPlain, routablePath, unescapePath } from './path.js'

/** The parts of a request target. */
export interface Target {
  /** The name of the world in front of the path; undefined: the world without a prefix. */
  world: string | undefined
  /** The path as it was written, without that name. */
  path: string
  /** With its question mark, or empty. */
  query: string
  /** Whether it is under `/_mock/`. */
  isControl: boolean
  /** Whether the path is decoded and clean as it stands. */
  isPlain: boolean
  /** The path as its escapes read, a byte in each character; undefined: one of them is broken. */
  bytes: string | undefined
  /** The text that those bytes stand for. */
  decoded: string
  /** Path and query in a form that the router takes apart to the same segments. */
  routable: string
}

const SLASH = 47
const AT = 64
const ABSOLUTE = /^https?:\/\/([^/?]*)/i
const WORLD = /^\/@([A-Za-z0-9._-]{1,64})(?=\/|$)/
const CONTROL = /^\/_mock(?:\/|$)/

const parsers = [false, true].map((hasWorlds) => memoizeLast((target) => parse(target, hasWorlds)))

/** @param hasWorlds whether a name in front of the path is one */
export function parseTarget(target: string, hasWorlds: boolean): Target {
  return (parsers[Number(hasWorlds)] as (typeof parsers)[number])(target)
}

function parse(target: string, hasWorlds: boolean): Target {
  const local = withoutOrigin(target)
  const mark = local.indexOf('?')
  const written = mark === -1 ? local : local.slice(0, mark)
  const query = mark === -1 ? '' : local.slice(mark)
  const [prefix = '', world] = (hasWorlds && written.charCodeAt(1) === AT && WORLD.exec(written)) || []
  const path = written.slice(prefix.length) || (prefix === '' ? '' : '/')
  const isControl = CONTROL.test(path)
  if (isPlain(path)) {
    const routable = prefix === '' ? local : path + query
    return { world, path, query, isControl, isPlain: true, bytes: path, decoded: path, routable }
  }
  const bytes = unescapePath(path)
  const decoded = bytes === undefined ? '' : decodePath(bytes)
  const routable = bytes === undefined ? '/' : routablePath(decoded) + query
  return { world, path, query, isControl, isPlain: false, bytes, decoded, routable }
}

/** A request target without the origin that one in its absolute form begins with. */
function withoutOrigin(target: string): string {
  return target.charCodeAt(0) === SLASH ? target : target.replace(ABSOLUTE, '')
}

/** The name, port and whatever else stands in that origin. Undefined: the target has none. */
export function originOf(target: string): string | undefined {
  return ABSOLUTE.exec(target)?.[1]
}
