import * as Type from 'typebox'
import { bodyOf } from '../../../../../authentik/answer.js'
import { notedCookie } from '../../../../../authentik/browser/cookies.js'
import { notAuthenticated } from '../../../../../authentik/errors.js'
import type { Release } from '../../../../../authentik/releases.js'
import { readIncluded } from '../../../../../authentik/resource/row.js'
import { restView } from '../../../../../authentik/rest-view.js'
import { anything, pickFields } from '../../../../../authentik/wire-types.js'
import { isSuperuser } from '../../../../../world/computed-fields.js'
import { jsonbText } from '../../../../../world/json.js'
import type { Group } from '../../../../../world/kinds/groups.js'
import type { User } from '../../../../../world/kinds/users.js'
import { JsonText, objectText, type Projection } from '../../components/projection.js'
import { userValues } from '../../components/user.js'

/** /api/v3/core/users/me/: who the caller is, in a shape of its own. */

/** What a superuser may do to the system, as authentik lists it. */
const SYSTEM_PERMISSIONS = [
  ...['view_role', 'view_system_info', 'access_admin_interface', 'add_role', 'delete_role', 'view_system_settings'],
  ...['unassign_role_permissions', 'edit_system_settings', 'change_role', 'assign_role_permissions'],
]

const values = {
  ...userValues,
  roles: (user: User) => user.roles.map(({ name, pk }) => ({ name, pk })),
  groups: (user: User, projection: Projection) => allGroups(user, projection).map(({ name, pk }) => ({ name, pk })),
  settings: ({ attributes }: User) => new JsonText(jsonbText((attributes['settings'] ?? {}) as User['attributes'])),
  system_permissions: (user: User, { database }: Projection) =>
    isSuperuser(user, database.groups) ? SYSTEM_PERMISSIONS : [],
}

const named = () => Type.Array(Type.Object({ name: Type.String(), pk: Type.String() }))

const fields = {
  pk: Type.Integer(),
  username: Type.String(),
  name: Type.String(),
  is_active: Type.Boolean(),
  is_superuser: Type.Boolean(),
  is_current: Type.Boolean(),
  groups: named(),
  roles: named(),
  email: Type.String(),
  avatar: Type.String(),
  uid: Type.String(),
  settings: anything(),
  type: Type.String(),
  system_permissions: Type.Array(Type.String()),
}

function meSchema({ neighbourKeys: { me } }: Release): Type.TSchema {
  const user = pickFields(fields, me, 'UserSelf')
  const session = me.includes('is_current') ? { user, users: Type.Array(user) } : { user }
  return Type.Object(session, { additionalProperties: false, openapi: { component: 'SessionUser' } })
}

export const meView = restView({
  route: 'user_me',
  url: '/api/v3/core/users/me/',
  name: 'User me',
  description: 'Get information about current user',
  allow: 'GET, HEAD, OPTIONS',
  authorize: (ctx) => (ctx.caller === undefined ? notAuthenticated(ctx) : undefined),
  methods: {
    GET: {
      operationId: 'core_users_me_retrieve',
      undocumented: true,
      schema: { response: meSchema },
      handle(ctx) {
        const { database, release, browser } = ctx
        const keys = release.neighbourKeys.me
        // Of the browser that asks; whoever shows an API token has none.
        const isCurrent = browser?.user?.pk === ctx.caller?.pk
        const own = { ...values, is_current: () => isCurrent }
        const user = objectText(keys, own, ctx.caller as User, { database, release, ...readIncluded(ctx, {}) })
        // Everybody who is signed in at this browser, where authentik knows of several.
        const users = keys.includes('is_current') ? `,"users":[${isCurrent ? user : ''}]` : ''
        const answer = { status: 200, body: bodyOf(`{"user":${user}${users}}`) }
        // authentik keeps the session anew, whatever was asked.
        return ctx.browser === undefined ? answer : { ...answer, cookies: [notedCookie(ctx, {})] }
      },
    },
  },
})

/**
 * The groups of a user and all above them, by name. A group that is reached twice stands there twice, as long as a
 * release gives a group one parent.
 */
function allGroups(user: User, { database, release }: Projection): Group[] {
  const climb = (pk: string, path: string[]): Group[] => {
    const group = database.groups.get(pk)
    if (group === undefined || path.includes(pk)) return []
    return [group, ...group.parents.flatMap((parent) => climb(parent, [...path, pk]))]
  }
  const reached = user.groups.flatMap((pk) => climb(pk, []))
  const all = release.groupParents === 'several' ? [...new Set(reached)] : reached
  return all.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
}
