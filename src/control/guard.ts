import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { authorityOf } from '../server/target.js'
import { quote } from '../world/load/mistakes.js'
import type { Problem } from './bodies.js'
import { ALLOWED_HOSTS, createTrust, type Trust } from './hosts.js'
import { forbidden } from './problem.js'

/**
 * No web page drives the mock. A request is judged by what a browser says of it, before anything is touched: no world
 * is begun or moved to the front, no fault used up, nothing noted.
 */
export interface Guard {
  /** Why a control request is refused; undefined: it is not. */
  control(request: IncomingMessage): Problem | undefined
  /** The same for a request to a world with a name, that is there already or would begin with it. */
  world(request: IncomingMessage, name: string, isThere: boolean): Problem | undefined
}

/** @param allowed names that may be driven under, beside those that nobody can register */
export function createGuard(allowed: string[]): Guard {
  const trusts = createTrust(allowed)
  return {
    control(request) {
      const host = foreignHost(request, trusts)
      if (host !== undefined) return forbidden(`${found(host)} to control the mock under this name`)
      if (isOfPage(request.headers, trusts)) return forbidden(`a web page${ofOrigin(request)} may not control the mock`)
      return undefined
    },
    world(request, name, isThere) {
      if (isOfPage(request.headers, trusts)) {
        if (!isNavigation(request))
          return forbidden(`a web page${ofOrigin(request)} may not use a world; leave /@${name} out of the URL`)
        return isThere ? undefined : forbidden(`there is no world ${name}, and a web page may not create one`)
      }
      const host = isThere ? undefined : foreignHost(request, trusts)
      return host === undefined ? undefined : forbidden(`${found(host)} to begin a world under it`)
    },
  }
}

/** The name that a request came under, if it may not be driven under. Clients of HTTP/1.0, which need none, are no browsers. */
function foreignHost({ url = '', headers: { host } }: IncomingMessage, trusts: Trust): string | undefined {
  return [authorityOf(url), host].find((name) => name !== undefined && !trusts(name))
}

function found(host: string): string {
  return `Host: found ${quote(host)}; allowed: ${ALLOWED_HOSTS}; --allow-host NAME allows another one`
}

/** Whether a browser says that a page of another site asks. Its own pages are those of an origin that can be trusted. */
function isOfPage({ origin, host = '', 'sec-fetch-site': site }: IncomingHttpHeaders, trusts: Trust): boolean {
  if (site !== undefined && site !== 'none' && site !== 'same-origin') return true
  if (origin === undefined) return false
  const own = host.toLowerCase()
  return !(
    trusts(host) &&
    [`http://${own.replace(/:(?:80)?$/, '')}`, `https://${own.replace(/:(?:443)?$/, '')}`].includes(origin)
  )
}

/** A link, or a redirect, that leads the whole window here: how one signs in. */
function isNavigation({ method, headers }: IncomingMessage): boolean {
  return method === 'GET' && headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document'
}

function ofOrigin({ headers: { origin } }: IncomingMessage): string {
  return origin === undefined ? '' : ` of ${quote(origin).slice(1, -1)}`
}
