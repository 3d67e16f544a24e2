import { nearest } from '../world/load/mistakes.js'
import { ControlError } from './problem.js'

/** What is said of a request that no control route takes: which methods its path knows, or which path is near. */
export interface KnownRoutes {
  add(method: string, path: string): void
  refusal(method: string, url: string): ControlError
}

const PREFIX = '/_mock/'

export function createKnownRoutes(): KnownRoutes {
  const methods = new Map<string, string[]>()
  return {
    add(method, path) {
      methods.set(path, [...(methods.get(path) ?? []), method])
    },
    refusal(method, url) {
      const path = url.replace(/\?.*$/s, '').replace(/\/$/, '')
      const allowed = [...methods].filter(([known]) => filled(known, path) === path).flatMap(([, each]) => each)
      if (allowed.length > 0)
        return new ControlError(405, `${url}: found ${method}; allowed: ${[...new Set(allowed)].join(', ')}`)
      const words = [...methods.keys()].map((known) => filled(known, path).slice(PREFIX.length))
      const meant = nearest(path.slice(PREFIX.length), words)
      const hint = meant === undefined ? 'see /_mock/openapi.json' : `did you mean ${PREFIX}${meant}?`
      return new ControlError(404, `${method} ${url} is not part of the control API; ${hint}`)
    },
  }
}

/** The path of a route, with what another path has in the place of its parameters. */
function filled(known: string, path: string): string {
  const parts = known.split('/')
  const given = path.split('/', parts.length)
  return parts.map((part, i) => (part.startsWith(':') ? (given[i] ?? part) : part)).join('/')
}
