import * as Type from 'typebox'
import { anyRow, byInteger, exactText, flag } from '../../../../../authentik/filters.js'
import { resourceViews } from '../../../../../authentik/resource/views.js'
import type { Resource } from '../../../../../authentik/resource.js'
import {
  anything,
  listParameters,
  listSchema,
  moment,
  orNull,
  pickFields,
  usedBySchema,
} from '../../../../../authentik/wire-types.js'
import type { Database } from '../../../../../world/database.js'
import type { Group } from '../../../../../world/kinds/groups.js'
import type { User } from '../../../../../world/kinds/users.js'
import { untilChanged } from '../../../../../world/until-changed.js'
import { groupFields, groupValues } from '../../components/group.js'
import { JsonText, objectText, type Projection } from '../../components/projection.js'
import { Role, userValues } from '../../components/user.js'

/** What a group shows of its members. */
const MEMBER_KEYS = ['pk', 'username', 'name', 'is_active', 'last_login', 'email', 'attributes', 'uid']

const values = {
  ...groupValues,
  users: (group: Group, { database }: Projection) => membersOf(group, database).map((user) => user.pk),
  users_obj: (group: Group, projection: Projection) => {
    const members = membersOf(group, projection.database)
    return new JsonText(`[${members.map((user) => objectText(MEMBER_KEYS, userValues, user, projection)).join(',')}]`)
  },
  roles: () => [],
  roles_obj: () => [],
  // What is null is shown to whoever asks for it, which this mock does not answer.
  inherited_roles_obj: () => null,
  parents: (group: Group) => group.parents,
  parents_obj: () => null,
  children: (group: Group, { database }: Projection) => childrenOf(database).get(group.pk) ?? [],
  children_obj: () => null,
}

const fields = {
  ...groupFields,
  users: Type.Array(Type.Integer()),
  users_obj: Type.Array(
    Type.Object({
      pk: Type.Integer(),
      username: Type.String(),
      name: Type.String(),
      is_active: Type.Boolean(),
      last_login: orNull(moment()),
      email: Type.String(),
      attributes: anything(),
      uid: Type.String(),
    }),
  ),
  roles: Type.Array(Type.String()),
  roles_obj: Type.Array(Role),
  inherited_roles_obj: orNull(Type.Array(Role)),
  parents: Type.Array(Type.String({ format: 'uuid' })),
  parents_obj: orNull(Type.Array(anything())),
  children: Type.Array(Type.String({ format: 'uuid' })),
  children_obj: orNull(Type.Array(anything())),
}

/** /api/v3/core/groups/: read only. */
export const groups: Resource = {
  section: 'groups',
  undocumented: true,
  url: '/api/v3/core/groups/',
  operations: 'core_groups',
  routes: { list: 'group_list', detail: 'group_detail', usedBy: 'group_used_by' },
  titles: { list: 'Group List', detail: 'Group Instance' },
  description: 'Group Viewset',
  model: { permission: 'group', name: 'Group' },
  allow: { list: 'GET, POST, HEAD, OPTIONS', detail: 'GET, PUT, PATCH, DELETE, HEAD, OPTIONS' },
  lookup: { parameter: 'group_uuid', field: 'pk', form: 'uuid' },
  isDeletable: false,
  filters: {
    name: exactText,
    is_superuser: flag((row) => row['is_superuser'] === true),
    members_by_username: anyRow(
      ({ database }, name) => database.users.find('username', name),
      ({ pk }, { groups }) => groups.includes(pk as string),
    ),
    members_by_pk: anyRow(
      byInteger(({ database }, pk) => database.users.get(pk)),
      ({ pk }, { groups }) => groups.includes(pk as string),
    ),
  },
  search: ({ name }: Group) => [name],
  ordering: { terms: ['pk', 'name'], byDefault: [{ by: 'name', descending: false }] },
  joins: ['groups', 'users'],
  text: (group: Group, { database, release }, included) =>
    objectText(release.neighbourKeys.group, values, group, { database, release, ...included }),
  usedBy: (group: Group, { database }) =>
    membersOf(group, database).map(({ pk, name }) => ({
      app: 'authentik_core',
      model_name: 'user',
      pk: String(pk),
      name: `User ${name}`,
      action: 'cascade_many',
    })),
  querystring: listParameters({
    is_superuser: Type.Boolean(),
    members_by_pk: Type.Array(Type.Integer()),
    members_by_username: Type.Array(Type.String()),
    name: Type.String(),
  }),
  schemas(release) {
    const one = pickFields(fields, release.neighbourKeys.group, 'Group')
    return { one, list: listSchema(release, one, 'PaginatedGroupList'), usedBy: usedBySchema(release) }
  },
}

export const groupViews = resourceViews(groups)

function membersOf({ pk }: Group, database: Database): User[] {
  return membersByGroup(database).get(pk) ?? []
}

/** The members of all groups, by username. */
const membersByGroup = untilChanged(readMembers)

function readMembers(database: Database): Map<string, User[]> {
  const byGroup = new Map<string, User[]>()
  for (const key of database.select('users', { order: [{ by: 'username', descending: false }], where: [] })) {
    const user = database.users.get(key as number) as User
    for (const pk of user.groups) {
      const known = byGroup.get(pk)
      if (known === undefined) byGroup.set(pk, [user])
      else known.push(user)
    }
  }
  return byGroup
}

/** The groups below each, by name. */
const childrenOf = untilChanged((database: Database): Map<string, string[]> => {
  const below = new Map<string, string[]>()
  for (const key of database.select('groups', { order: [{ by: 'name', descending: false }], where: [] }))
    for (const parent of database.groups.get(String(key))?.parents ?? [])
      below.set(parent, [...(below.get(parent) ?? []), String(key)])
  return below
})
