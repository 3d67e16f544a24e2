import * as Type from 'typebox'
import {
  anyKeyIn,
  anyOf,
  beginningOf,
  byUuid,
  exactText,
  flagInColumn,
  flagOfAny,
  isNullIn,
  momentsIn,
  textInColumn,
  uuidInColumn,
} from '../../../../../authentik/filters.js'
import { resourceViews } from '../../../../../authentik/resource/views.js'
import { BY_PK, type Resource } from '../../../../../authentik/resource.js'
import { listParameters, listSchema, usedBySchema } from '../../../../../authentik/wire-types.js'
import { USER_TYPES, type User } from '../../../../../world/kinds/users.js'
import { attributesFilter } from '../../components/attributes-filter.js'
import { userSchema, userText } from '../../components/user.js'
import { meView } from './me.js'
import { userUpdate } from './update.js'
import { usersOfUser } from './used-by.js'

const TERMS = [
  ...['pk', 'username', 'name', 'email', 'is_active', 'path', 'type', 'uuid'],
  ...['last_login', 'date_joined', 'password_change_date', 'last_updated'],
]

const MOMENTS = { ...momentsIn('last_login'), ...momentsIn('date_joined'), ...momentsIn('last_updated') }

/** /api/v3/core/users/: who the users are. */
export const users: Resource = {
  section: 'users',
  undocumented: true,
  url: '/api/v3/core/users/',
  operations: 'core_users',
  routes: { list: 'user_list', detail: 'user_detail', usedBy: 'user_used_by' },
  titles: { list: 'User List', detail: 'User Instance' },
  description: 'User Viewset',
  model: { permission: 'user', name: 'User' },
  allow: { list: 'GET, POST, HEAD, OPTIONS', detail: 'GET, PUT, PATCH, DELETE, HEAD, OPTIONS' },
  lookup: BY_PK,
  isDeletable: true,
  update: userUpdate,
  filters: {
    username: exactText,
    email: textInColumn,
    name: textInColumn,
    uuid: uuidInColumn,
    path: textInColumn,
    path_startswith: beginningOf('path'),
    type: anyOf(USER_TYPES),
    is_active: flagInColumn,
    // That of the groups that a user is in directly; without any it is neither.
    is_superuser: flagOfAny('groups', (groups, { database }) =>
      groups.split(',').flatMap((pk) => database.groups.get(pk)?.is_superuser ?? []),
    ),
    groups_by_pk: anyKeyIn(
      'groups',
      byUuid(({ database }, pk) => database.groups.get(pk)),
      ({ pk }) => pk,
    ),
    groups_by_name: anyKeyIn(
      'groups',
      ({ database }, name) => database.groups.find('name', name),
      ({ pk }) => pk,
    ),
    attributes: attributesFilter,
    ...MOMENTS,
    last_login__isnull: isNullIn('last_login'),
  },
  searched: ['username', 'name', 'is_active', 'email', 'uuid', 'attributes'],
  ordering: {
    terms: TERMS,
    termsOf: ({ userKeys }) => TERMS.filter((term) => userKeys.includes(term)),
    byDefault: [{ by: 'username', descending: false }],
  },
  joins: ['groups'],
  text: (user: User, { database, release }, included) => userText(user, { database, release, ...included }),
  usedBy: usersOfUser,
  querystring: listParameters({
    attributes: Type.String(),
    ...Object.fromEntries(Object.keys(MOMENTS).map((name) => [name, Type.String({ format: 'date-time' })])),
    email: Type.String(),
    groups_by_name: Type.Array(Type.String()),
    groups_by_pk: Type.Array(Type.String({ format: 'uuid' })),
    include_groups: Type.Boolean(),
    include_roles: Type.Boolean(),
    is_active: Type.Boolean(),
    is_superuser: Type.Boolean(),
    last_login__isnull: Type.Boolean(),
    name: Type.String(),
    path: Type.String(),
    path_startswith: Type.String(),
    type: Type.Array(Type.String({ enum: [...USER_TYPES] })),
    username: Type.String(),
    uuid: Type.String({ format: 'uuid' }),
  }),
  schemas(release) {
    const one = userSchema(release)
    return { one, list: listSchema(release, one, 'PaginatedUserList'), usedBy: usedBySchema(release) }
  },
}

export const userViews = resourceViews(users, meView)
