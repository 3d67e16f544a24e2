import findMyWay from 'find-my-way'
import type { View } from '../authentik/view.js'
import { schemaView } from './api/v3/schema.js'
import { OAUTH_VIEWS } from './application/o/views.js'
import { devicePageView } from './device.js'
import { defaultFlowViews } from './flows/default.js'
import { executorView, flowPageView, homePageView } from './if/flow.js'
import { RESOURCE_VIEWS } from './resources.js'
import { rootViews } from './root.js'

/** Every route of the mock. */
export const VIEWS: View[] = [
  ...RESOURCE_VIEWS,
  schemaView,
  executorView,
  ...OAUTH_VIEWS,
  devicePageView,
  ...defaultFlowViews,
  flowPageView,
  homePageView,
  ...rootViews,
]

const MAX_PATH = 1024 * 1024

/** How paths are matched with the URLs of views. */
export const ROUTER_OPTIONS = { maxParamLength: MAX_PATH, allowUnsafeRegex: true }

let byPath: findMyWay.Instance<findMyWay.HTTPVersion.V1> | undefined

/** The view of a path whatever the method, as Fastify finds it. */
export function viewAt(path: string): { view: View; params: Record<string, string> } | undefined {
  byPath ??= routerOfViews()
  const found = byPath.find('GET', path)
  return found === null ? undefined : { view: found.store, params: found.params as Record<string, string> }
}

function routerOfViews() {
  const router = findMyWay(ROUTER_OPTIONS)
  for (const view of VIEWS) router.on('GET', view.url, () => {}, view)
  return router
}
