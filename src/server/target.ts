import { memoizeLast } from '../world/memoize.js'
import { decodePath, isPlain, routablePath, unescapePath } from './path.js'
import { WORLD_NAME } from './world-name.js'

/** What may stand in front of a path of authentik. */
export interface Mount {
  /** The path that authentik is served below, without a slash at its end: `/auth`, or empty. */
  base: string
  /** The name of a world, and `/_mock/`, may stand before or behind that path. */
  parse(target: string): Target
}

/**
 * @param webPath what authentik is served below, with a slash at both ends
 * @param hasWorlds whether a name in front of the path is that of a world
 */
export function createMount(webPath: string, hasWorlds: boolean): Mount {
  const base = webPath.slice(0, -1)
  const below = base === '' ? undefined : writtenForms(webPath)
  return { base, parse: memoizeLast((target: string) => parse(target, hasWorlds, below)) }
}

/** Each character may stand for itself, or be escaped. */
function writtenForms(webPath: string): RegExp {
  const letters = Array.from(webPath, (letter) => {
    const [high = '', low = ''] = letter.charCodeAt(0).toString(16)
    return `(?:${letter === '.' ? '\\.' : letter}|%${high}[${low}${low.toUpperCase()}])`
  })
  return new RegExp(`^${letters.join('')}`)
}

/** The parts of a request target. */
export interface Target {
  /** The name of the world in front of the path; undefined: the world without a prefix. */
  world: string | undefined
  /** The path as it was written, without that name and what authentik is served below. */
  path: string
  /** With its question mark, or empty. */
  query: string
  /** It is neither below that nor under `/_mock/`. */
  isOutside: boolean
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
const WORLD = new RegExp(`^/@(${WORLD_NAME})(?=/|$)`)

/** No route has it. */
const OUTSIDE = '/_outside'

function parse(target: string, hasWorlds: boolean, below: RegExp | undefined): Target {
  const local = withoutOrigin(target)
  const mark = local.indexOf('?')
  const written = mark === -1 ? local : local.slice(0, mark)
  const query = mark === -1 ? '' : local.slice(mark)
  const { world, path, isOutside } = placeOf(written, hasWorlds, below)
  const place = { world, path, query, isOutside, isControl: isControlPath(path) }
  if (isPlain(path)) {
    const routable = isOutside ? OUTSIDE : path === written ? local : path + query
    return { isPlain: true, bytes: path, decoded: path, routable, ...place }
  }
  const bytes = unescapePath(path)
  const decoded = bytes === undefined ? '' : decodePath(bytes)
  const routable = isOutside ? OUTSIDE : bytes === undefined ? '/' : routablePath(decoded) + query
  return { isPlain: false, bytes, decoded, routable, ...place }
}

type Place = Pick<Target, 'world' | 'path' | 'isOutside'>

function placeOf(written: string, hasWorlds: boolean, below: RegExp | undefined): Place {
  const { world, path } = parseWorld(written, hasWorlds)
  if (below === undefined || isControlPath(path)) return { world, path, isOutside: false }
  const [base] = below.exec(path) ?? []
  if (base === undefined) return { world, path, isOutside: true }
  const rest = `/${path.slice(base.length)}`
  return world === undefined ? parseWorld(rest, hasWorlds) : { world, path: rest, isOutside: false }
}

function isControlPath(path: string): boolean {
  return path === '/_mock' || path.startsWith('/_mock/')
}

function parseWorld(path: string, hasWorlds: boolean): Place {
  const [prefix = '', world] = (hasWorlds && path.charCodeAt(1) === AT && WORLD.exec(path)) || []
  return { world, path: path.slice(prefix.length) || (prefix === '' ? '' : '/'), isOutside: false }
}

/** A request target without the origin that one in its absolute form begins with. */
function withoutOrigin(target: string): string {
  return target.charCodeAt(0) === SLASH ? target : target.replace(ABSOLUTE, '')
}

/** The name, port and whatever else stands in that origin. Undefined: the target has none. */
export function authorityOf(target: string): string | undefined {
  return ABSOLUTE.exec(target)?.[1]
}
