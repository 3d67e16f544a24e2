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

/** Routes whose paths begin alike. They are put in place together, when one of them is first asked for. */
export interface Part {
  beginning: string
  views: View[]
}

/** The last part has all that no other has. */
export const PARTS = partsOf([
  '/api/v3/oauth2/refresh_tokens/',
  '/api/v3/oauth2/',
  '/api/v3/core/',
  '/api/v3/providers/',
  '/application/o/',
  '',
])

/** The part that has a path, if any of them has. */
export function partAt<P extends Pick<Part, 'beginning'>>(path: string, parts: readonly P[]): P {
  for (const part of parts) if (path.startsWith(part.beginning)) return part
  throw new Error('the last part takes every path')
}

function partsOf(beginnings: string[]): Part[] {
  const beginningOf = (url: string) => beginnings.find((beginning) => url.startsWith(beginning))
  return beginnings.map((beginning) => ({
    beginning,
    views: VIEWS.filter(({ url }) => beginningOf(url) === beginning),
  }))
}

const routers = new Map<Part, findMyWay.Instance<findMyWay.HTTPVersion.V1>>()

/** The view of a path whatever the method, as Fastify finds it. */
export function viewAt(path: string): { view: View; params: Record<string, string> } | undefined {
  const part = partAt(path, PARTS)
  const router = routers.get(part) ?? routerOf(part)
  routers.set(part, router)
  const found = router.find('GET', path)
  return found === null ? undefined : { view: found.store, params: found.params as Record<string, string> }
}

/** Whether a path that no view has would have one with a slash at its end. */
export function lacksSlash(path: string): boolean {
  return /^[^?#;%]*[^/?#;%]$/.test(path) && viewAt(`${path}/`) !== undefined
}

function routerOf({ views }: Part) {
  const router = findMyWay(ROUTER_OPTIONS)
  for (const view of views) router.on('GET', view.url, () => {}, view)
  return router
}
