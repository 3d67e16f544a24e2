import type { Answer } from './answer.js'
import type { RequestContext } from './context.js'
import { forbidden } from './pages.js'

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE'])

/** Outside the API, and beside the endpoints for programs, unsafe methods ask for a CSRF token, which nobody has. */
export function refuseUnsafeMethods({ method }: RequestContext): Answer | undefined {
  return SAFE_METHODS.has(method) ? undefined : forbidden()
}
