import type { View } from '../authentik/view.js'
import { detail } from './v3/oauth2/refresh_tokens/detail.js'
import { list } from './v3/oauth2/refresh_tokens/list.js'
import { usedBy } from './v3/oauth2/refresh_tokens/used-by.js'

/** What this mock has of authentik's API, in the order of its document. */
export const VIEWS: View[] = [list, detail, usedBy]

const BY_ROUTE = new Map(VIEWS.map((view) => [view.route, view]))

/** The view of a route, by its name in the journal. */
export function viewOf(route: string | undefined): View | undefined {
  return route === undefined ? undefined : BY_ROUTE.get(route)
}
