import * as Type from 'typebox'
import { keyOf } from '../../../../authentik/filters.js'
import { detailView } from '../../../../authentik/resource/detail.js'
import { listView } from '../../../../authentik/resource/list.js'
import { usedByView } from '../../../../authentik/resource/used-by.js'
import { BY_PK, type Resource } from '../../../../authentik/resource.js'
import type { View } from '../../../../authentik/view.js'
import { listParameters } from '../../../../authentik/wire-types.js'
import type { Grant } from '../../../../world/kinds/shared/granted.js'

/** What is special about one of the three kinds of rows that a provider grants a user. */
type Own = Pick<
  Resource,
  'section' | 'undocumented' | 'routes' | 'titles' | 'description' | 'model' | 'text' | 'schemas'
>

/** Refresh tokens, access tokens and authorization codes behind the API, which differ in little. */
export function grantResource(own: Own, ...terms: string[]): Resource {
  return {
    ...own,
    url: `/api/v3/oauth2/${own.section}/`,
    operations: `oauth2_${own.section}`,
    allow: { list: 'GET, HEAD, OPTIONS', detail: 'GET, DELETE, HEAD, OPTIONS' },
    lookup: BY_PK,
    isDeletable: true,
    filters: { user: keyOf('users'), provider: keyOf('providers') },
    ordering: {
      terms: ['pk', 'provider', 'user', 'expires', ...terms],
      byDefault: [
        { by: 'provider', descending: false },
        { by: 'expires', descending: false },
      ],
    },
    owner: 'user',
    joins: ['groups', 'users', 'providers', 'applications'],
    expires: (row: Grant) => row.expires,
    querystring: listParameters({ provider: Type.Integer(), user: Type.Integer() }),
  }
}

export function grantViews(resource: Resource): View[] {
  return [listView(resource), detailView(resource), usedByView(resource)]
}
