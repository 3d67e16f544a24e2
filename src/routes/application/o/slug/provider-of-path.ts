import type { RequestContext } from '../../../../authentik/context.js'
import type { Application } from '../../../../world/kinds/applications.js'
import type { Provider } from '../../../../world/kinds/providers.js'

/** The application whose slug the path names, and its provider. Undefined: one of the two is not there. */
export function providerOfPath({
  params,
  database,
}: RequestContext): { application: Application; provider: Provider } | undefined {
  const application = database.applications.find('slug', params['slug'] ?? '')
  const provider = application?.provider == null ? undefined : database.providers.get(application.provider)
  return application && provider && { application, provider }
}
