import type { RequestContext } from '../authentik/context.js'

/** As which `healthcheck` asks, and the load balancer of deploy/. */
export const PROBE_AGENT = 'authentik-mock-probe'
/** The agent of Kubernetes comes with a version. */
const KUBERNETES = 'kube-probe/'

/**
 * Whether somebody asks how the mock itself is, who would end it, or look elsewhere, if it were not well. It is no client:
 * a fault that names no path is not for it, and neither journal nor report tell of it.
 */
export function isProbe({ path, request }: RequestContext): boolean {
  if (!path.startsWith('/-/health/')) return false
  const { 'user-agent': agent = '' } = request.headers
  return agent === PROBE_AGENT || agent.startsWith(KUBERNETES)
}
