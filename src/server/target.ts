import { decodePath, isPlain, routablePath, unescapePath } from './path.js'

/** The parts of a request target. */
export interface Target {
  /** The name of the world in front of the path; undefined: the world without a prefix. */
  world: string | undefined
  /** The path as it was written, without that name. */
  path: string
  /** With its question mark, or empty. */
  query: string
}

const SLASH = 47
const AT = 64
const ABSOLUTE = /^https?:\/\/([^/?]*)/i
const WORLD = /^\/@([A-Za-z0-9._-]{1,64})(?=\/|$)/
const CONTROL = /^\/_mock(?:\/|$)/

/** @param hasWorlds whether a name in front of the path is one */
export function parseTarget(target: string, hasWorlds: boolean): Target {
  const local = withoutOrigin(target)
  const mark = local.indexOf('?')
  const written = mark === -1 ? local : local.slice(0, mark)
  const query = mark === -1 ? '' : local.slice(mark)
  if (!hasWorlds || written.charCodeAt(1) !== AT) return { world: undefined, path: written, query }
  const [prefix, world] = WORLD.exec(written) ?? []
  if (prefix === undefined) return { world, path: written, query }
  return { world, path: written.slice(prefix.length) || '/', query }
}

/** The same target in a form that the router takes apart to the same segments. */
export function routableTarget(target: string, hasWorlds: boolean): string {
  const { path, query } = parseTarget(target, hasWorlds)
  if (isPlain(path)) return path + query
  const bytes = unescapePath(path)
  return bytes === undefined ? '/' : routablePath(decodePath(bytes)) + query
}

/** Whether it is a request under `/_mock/`. */
export function isControl({ path }: Target): boolean {
  return CONTROL.test(path)
}

/** A request target without the origin that one in its absolute form begins with. */
function withoutOrigin(target: string): string {
  return target.charCodeAt(0) === SLASH ? target : target.replace(ABSOLUTE, '')
}

/** The name, port and whatever else stands in that origin. Undefined: the target has none. */
export function originOf(target: string): string | undefined {
  return ABSOLUTE.exec(target)?.[1]
}
