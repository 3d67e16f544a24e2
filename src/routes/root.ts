import type { Answer } from '../authentik/answer.js'
import { apiBrowser, emptyPage, forbidden, pageView } from '../authentik/pages.js'
import type { Visit } from '../authentik/visit.js'

/** The few pages around the API that a client or a health check may come by. */
export const neighbours: Record<string, (visit: Visit) => Answer> = {
  '/': () => emptyPage(302, { Location: '/flows/-/default/authentication/?next=/' }),
  '/api/v3/': apiBrowser,
  '/-/health/live/': () => emptyPage(200),
  '/-/health/ready/': () => emptyPage(200),
  '/-/metrics/': (visit) => (visit.release.metricsStatus === 404 ? pageView(visit, 404) : emptyPage(401)),
}

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE'])

/** These pages are not part of the API, so unsafe methods ask for a CSRF token, which nobody has. */
export function answerNeighbour(visit: Visit, page: (visit: Visit) => Answer): Answer {
  return SAFE_METHODS.has(visit.method) ? page(visit) : forbidden()
}
