import type { Answer } from './answer.js'
import { notAcceptable, notFound } from './errors.js'
import type { Visit } from './visit.js'

/** Everything is JSON here: `?format=` and Accept may only agree with that. */
export function refuseOtherFormats(visit: Visit): Answer | undefined {
  const format = visit.parameter('format')
  if (format !== undefined && format !== '' && format !== 'json') return notFound(visit)
  return acceptsJson(visit.request.headers.accept) ? undefined : notAcceptable(visit)
}

/** Parameters and q-values are ignored: `application/json;q=0` is fine. */
function acceptsJson(accept: string | undefined): boolean {
  if (accept === undefined || accept === 'application/json' || accept === '*/*') return true
  return accept.split(',').some((entry) => {
    const [type, subtype] = (entry.split(';')[0] ?? '').trim().toLowerCase().split('/')
    return (type === 'application' || type === '*') && (subtype === 'json' || subtype === '*')
  })
}
